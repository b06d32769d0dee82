"""`hub-config check` on a corpus: wrong files are refused with key and right suggestion first, correct ones pass.

The rates are printed, and must be reached: 97 % of the wrong files, all of the correct ones.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path

import pytest

from hub_config.commands.examine import examine
from hub_config.commands.findings import Finding, has_errors
from hub_config.commands.layers import load
from tests.corpus.mutations import CORRECT, Mutation, mutations

pytestmark = pytest.mark.unit

LEAST_WRONG, LEAST_CORRECT = 200, 60
RATE = 0.97
_SUGGESTED = re.compile(r"[Dd]id you mean (.+?)\?(?: |$|;|\.)")


def findings(folder: Path, values: object) -> list[Finding]:
    file = folder / "values.yaml"
    file.write_text(json.dumps(values), encoding="utf-8")
    return examine(load([str(file)])).findings


def fault(mutation: Mutation, found: list[Finding]) -> str | None:
    """Return what is wrong with what was found; None when the first error is the mistake, with the right suggestion."""
    errors = [each for each in found if each.severity == "error"]
    if not errors:
        return "passes"
    named = [each for each in errors if each.key == mutation.key]
    if not named:
        return f"names {errors[0].key}: {errors[0].text}"
    suggested = _SUGGESTED.search(named[0].text)
    if mutation.suggestions and (suggested is None or suggested[1].strip('"') not in mutation.suggestions):
        return f"says: {named[0].text}"
    return None


def test_wrong_files_are_refused_with_the_right_key_and_suggestion(tmp_path: Path) -> None:
    wrong = mutations()
    faults = {str(each): said for each in wrong if (said := fault(each, findings(tmp_path, each.values)))}
    rate = 1 - len(faults) / len(wrong)
    kinds = Counter(each.kind.split(",")[0].split(" ")[0] for each in wrong)
    print(f"{len(wrong)} wrong files ({dict(kinds)}), {rate:.1%} refused with key and suggestion")
    assert len(wrong) >= LEAST_WRONG
    assert rate >= RATE, "\n".join(f"{each}\n    {said}" for each, said in faults.items())


def test_correct_files_pass(tmp_path: Path) -> None:
    refused = {
        name: [str(each) for each in found if each.severity == "error"]
        for name, values in CORRECT.items()
        if has_errors(found := findings(tmp_path, values))
    }
    print(f"{len(CORRECT)} correct files, {len(refused)} refused")
    assert len(CORRECT) >= LEAST_CORRECT
    assert refused == {}

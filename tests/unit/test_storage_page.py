"""The examples in docs/storage.md are values that can be used."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from hub_config.singleuser.storage import Storage
from tests.unit.composed import composed, values

pytestmark = pytest.mark.unit
PAGE = (Path(__file__).parents[2] / "docs" / "storage.md").read_text(encoding="utf-8")
EXAMPLES = [text for text in re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL) if not text.startswith("extra:")]


@pytest.mark.parametrize("example", EXAMPLES, ids=range(len(EXAMPLES)))
def test_an_example_can_be_used(example: str) -> None:
    assert composed(yaml.safe_load(example)).KubeSpawner


def test_every_type_has_an_example() -> None:
    kinds = {values(yaml.safe_load(example)).singleuser.storage.type for example in EXAMPLES}
    assert kinds == set(Storage.model_fields["type"].annotation.__args__)  # type: ignore[union-attr]

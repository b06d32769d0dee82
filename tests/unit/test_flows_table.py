"""The table of flows covers what it must, and the documentation shows it as it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.harness.flows import CONFIGURATIONS, UNPROTECTED, default_flows, default_table

pytestmark = pytest.mark.unit

DOCUMENT = Path(__file__).parents[2] / "docs" / "network.md"


def test_the_documentation_shows_the_table() -> None:
    assert default_table() in DOCUMENT.read_text(encoding="utf-8")


def test_the_table_is_large_and_says_both() -> None:
    flows = default_flows()
    assert len(flows) >= 60
    assert {True, False} == set(flows.values())


@pytest.mark.parametrize("name", CONFIGURATIONS)
def test_each_configuration_changes_what_it_says(name: str) -> None:
    configuration = CONFIGURATIONS[name]
    changed = {
        flow: answer for flow, answer in configuration.flows().items() if default_flows().get(flow) is not answer
    }
    assert len(changed) == len(configuration.allowed.split()) + len(configuration.denied.split())


def test_every_flow_is_tried_without_policies_too() -> None:
    tried = UNPROTECTED.flows()
    assert all(tried.values())
    assert all(flow in tried for configuration in CONFIGURATIONS.values() for flow in configuration.flows())

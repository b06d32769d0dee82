"""Renders that many tests look at."""

from __future__ import annotations

import pytest

from tests.render.chart import Rendered, render, value_file


@pytest.fixture(scope="session")
def default() -> Rendered:
    """The chart with its own defaults."""
    return render()


@pytest.fixture(scope="session")
def full() -> Rendered:
    """The chart with `values/full.yaml`, whose names begin with `science-`."""
    return render(value_file("full"))

"""`quantity`: amounts as Kubernetes writes them."""

from __future__ import annotations

import pytest

from hub_config.quantity import quantity, shown

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("0", 0),
        (2, 2),
        (0.5, 0.5),
        ("500m", 0.5),
        ("100u", 1e-4),
        ("1e3", 1000),
        ("1.5Gi", 1.5 * 1024**3),
        ("2G", 2e9),
        ("1k", 1000),
        ("1Ki", 1024),
        ("1E", 1e18),
        ("1E2", 100),
        ("128974848", 128974848),
    ],
)
def test_a_quantity_is_read_as_kubernetes_reads_it(text: str | float, number: float) -> None:
    assert quantity(text) == pytest.approx(number)


@pytest.mark.parametrize("text", ["", "4xi", "Gi", "-1", "1 Gi", "1K", True, None])
def test_what_is_no_quantity_is_said(text: object) -> None:
    with pytest.raises(ValueError, match="is no amount: write a number"):
        quantity(text)


@pytest.mark.parametrize(
    ("resource", "amount", "text"),
    [
        ("memory", 1024**3, "1Gi"),
        ("memory", 1480 * 1024**2, "1480Mi"),
        ("requests.storage", 10 * 1024**4, "10Ti"),
        ("memory", 1024**3 + 1, "1025Mi"),
        ("memory", 1000.5, "1001"),
        ("cpu", 0.5, "0.5"),
        ("cpu", 6.0, "6"),
        ("cpu", 0.0012, "0.002"),
    ],
)
def test_what_is_shown_is_never_less_than_what_is_meant(resource: str, amount: float, text: str) -> None:
    assert shown(resource, amount) == text
    assert quantity(text) >= amount

"""Figures that the tests measure: printed at the end of the run, and kept in `build/measurements.json`."""

from __future__ import annotations

import json
import statistics
from collections.abc import Sequence
from pathlib import Path

from ci.cache import locked

LOCK_SECONDS = 20
FILE = Path(__file__).resolve().parents[2] / "build" / "measurements.json"


class Measurements:
    """Named figures of one run, each a list of values in one unit, with its goal where there is one."""

    def __init__(self) -> None:
        self.found: dict[str, dict[str, object]] = {}

    def record(self, name: str, values: Sequence[float], unit: str, *, goal: float | None = None) -> float:
        """Keep `values` and return their median; `goal` is what the median should not exceed."""
        median = statistics.median(values)
        entry: dict[str, object] = {"median": round(median, 3), "min": round(min(values), 3)}
        entry |= {"max": round(max(values), 3), "count": len(values), "unit": unit}
        self.found[name] = entry | ({"goal": goal} if goal is not None else {})
        return median

    def lines(self) -> list[str]:
        """Return a line for each figure."""
        return [self._line(name, entry) for name, entry in self.found.items()]

    @staticmethod
    def _line(name: str, entry: dict[str, object]) -> str:
        several = f", {entry['min']} to {entry['max']}, {entry['count']} times" if entry["count"] != 1 else ""
        goal = f" (goal: at most {entry['goal']})" if "goal" in entry else ""
        return f"{name}: {entry['median']} {entry['unit']}{several}{goal}"

    def write(self) -> None:
        """Put this run's figures into the file, beside those of other runs that measured other things."""
        if not self.found:
            return
        with locked(FILE.with_suffix(".lock"), what="measurements", timeout=LOCK_SECONDS):
            before = json.loads(FILE.read_text(encoding="utf-8")) if FILE.exists() else {}
            FILE.write_text(json.dumps(before | self.found, indent=2) + "\n", encoding="utf-8")

"""What the benchmarks share: the import path of the checkout, the virtual reader of the tests, figures."""

import json
import statistics
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))


def figures(seconds: Sequence[float], exchanges: int) -> dict[str, float]:
    """Median, best and worst rate (exchanges a second) of runs of ``exchanges`` each, and the median time of one."""
    rates = [exchanges / run for run in seconds]
    return {
        "per_second": round(statistics.median(rates), 1),
        "best": round(max(rates), 1),
        "worst": round(min(rates), 1),
        "microseconds": round(statistics.median(seconds) / exchanges * 1e6, 1),
    }


def show(result: Mapping[str, object], *, as_json: bool, lines: Sequence[str]) -> None:
    """One JSON object, or lines for a person."""
    print(json.dumps(result, ensure_ascii=False, sort_keys=True) if as_json else "\n".join(lines))

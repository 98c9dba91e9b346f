"""Personalising many holders: time and memory a card, in the command line's own processes.

    python bench/personalise.py [--profile card-3.0] [--holders 10000] [--jobs N] [--script] [--json]

Synthetic holders are written to a data file in a temporary folder, and ``onecard personalise`` makes their cards.
"""

import argparse
import csv
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from itertools import count
from pathlib import Path

import support

from onecard.emulate.holders import synthetic_holder
from onecard.spec.load import load_spec

FILES = ("SSSE/EF05", "SSSE/EF06")
UNIQUE = ("SSSE/EF06/08", "SSSE/EF05/07", "SSSE/EF05/01")


def write_data(path: Path, profile: str, holders: int) -> None:
    """A data file of so many synthetic holders."""
    card = load_spec().card_of_profile(profile)
    rows: list[dict[str, str]] = []
    taken: set[str] = set()
    for number in count():
        row = {key: text for key, text in synthetic_holder(card, number).items() if key.startswith(FILES)}
        # Of many made-up persons two may have the same number: the command would refuse the later one.
        if taken.isdisjoint(own := {row[key] for key in UNIQUE}):
            rows.append(row)
            taken |= own
        if len(rows) == holders:
            break
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def measure(profile: str, holders: int, jobs: int, script: bool) -> dict[str, object]:
    """Run the command once; seconds a card and the largest memory of one of its processes."""
    with tempfile.TemporaryDirectory() as folder:
        data, out = Path(folder) / "data.csv", Path(folder) / "cards"
        write_data(data, profile, holders)
        words = ["personalise", str(data), "--profile", profile, "--out", str(out), "--jobs", str(jobs), "--json"]
        started = time.perf_counter()
        ended = subprocess.run(
            [sys.executable, "-m", "onecard", *words, *(["--script"] if script else [])],
            stdout=subprocess.PIPE,
            check=True,
        )
        seconds = time.perf_counter() - started
        assert json.loads(ended.stdout)["cards"] == holders
        size = sum(path.stat().st_size for path in out.rglob("*") if path.is_file())
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return {
        "profile": profile,
        "holders": holders,
        "jobs": jobs,
        "seconds": round(seconds, 1),
        "ms_per_card": round(seconds / holders * 1e3, 2),
        "cpu_ms_per_card": round((used.ru_utime + used.ru_stime) / holders * 1e3, 2),
        "megabytes": round(used.ru_maxrss / 1024, 1),
        "kilobytes_per_card": round(size / holders / 1024, 1),
    }


def main() -> None:
    """Read the arguments, measure, tell."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--profile", default="card-3.0")
    parser.add_argument("--holders", type=int, default=10_000)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--script", action="store_true")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    found = measure(given.profile, given.holders, given.jobs, given.script)
    line = (
        f"{found['holders']} cards of {found['profile']} by {found['jobs']} process(es): {found['seconds']} s, "
        f"{found['ms_per_card']} ms a card ({found['cpu_ms_per_card']} ms of processor time), "
        f"{found['megabytes']} MB in the largest process, {found['kilobytes_per_card']} kB on disk a card"
    )
    support.show(found, as_json=given.json, lines=[line])


if __name__ == "__main__":
    main()

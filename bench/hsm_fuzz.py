"""Malformed requests to the encryptor, over HTTP and TCP framing, in this process.

    python bench/hsm_fuzz.py [--count 200000] [--seed N] [--profile hsm-default] [--json]

Exit code 0: no crash, no request accepted, no byte of a key in what came back, was logged or was written, memory flat.
"""

import argparse
import io
import logging
import re
import sys
import tempfile
import time
from pathlib import Path

import support

from emulator.hsm.audit import AuditLog
from emulator.hsm.factory import KEY_VERSION, TESTER, service, specification
from emulator.keys import DEFAULT_SEED, root_key
from onecard.evidence.audit import verify_audit
from tests.hsm.fuzzing import Fuzzer, Line, leaked, run, secrets_of

FLAT = 1.05
"""Times the memory after a tenth of the requests that the process may have at the end."""


def memory() -> int:
    """Resident memory of this process in bytes, 0 where the system does not tell."""
    try:
        text = Path("/proc/self/status").read_text(encoding="ascii")
    except OSError:
        return 0
    found = re.search(r"VmRSS:\s+([0-9]+) kB", text)
    return int(found[1]) * 1024 if found else 0


def fuzz(profile: str, count: int, seed: int) -> dict[str, object]:
    """One run with its figures."""
    logged = io.StringIO()
    logging.basicConfig(stream=logged, level=logging.DEBUG, force=True)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "audit.log"
        log = AuditLog(path, profile=profile)
        made = service(profile, log=log)
        spec = made.desk.spec
        cards = {each.card: specification().card_of_profile(each.card) for each in spec.algorithms.values()}
        roots = {key.key: root_key(DEFAULT_SEED, key.key, KEY_VERSION) for key in spec.keys.values()}
        line, fuzzer = Line(made), Fuzzer(spec, "340100", (TESTER.id, TESTER.key), seed)
        sizes: list[int] = []
        started = time.perf_counter()

        def look(number: int) -> None:
            if number % max(1, count // 10) == 0:
                sizes.append(memory())

        found = run(line, fuzzer, count, look)
        seconds = time.perf_counter() - started
        line.close()
        head = log.close()
        keys = secrets_of(spec, roots, "340100", cards)
        written = path.read_bytes()
        report = verify_audit(path, head)
    leaks = leaked(keys, found.outputs | {written, logged.getvalue().encode()})
    return {
        "profile": profile,
        "seed": seed,
        "malformed": found.sent,
        "left_out_still_right": found.still_right,
        "answers": found.answers,
        "refusals": dict(sorted(found.codes.items())),
        "crashes": len(found.crashed),
        "accepted": len(found.accepted),
        "keys_looked_for": len(keys),
        "outputs_with_a_key": len(leaks),
        "different_outputs": len(found.outputs),
        "audit_records": report.entries,
        "audit_holds": report.exit_code == 0 and report.entries == found.answers,
        "audit_bytes": len(written),
        "megabytes": [round(size / 1e6, 1) for size in sizes],
        "flat": not sizes or not sizes[0] or sizes[-1] <= sizes[0] * FLAT,
        "seconds": round(seconds, 1),
        "per_second": round(found.sent / seconds),
    }


def main() -> int:
    """Read the arguments, run, tell."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--profile", default="hsm-default")
    parser.add_argument("--count", type=int, default=200_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    found = fuzz(given.profile, given.count, given.seed)
    support.show(found, as_json=given.json, lines=[f"{name}: {value}" for name, value in found.items()])
    wrong = found["crashes"], found["accepted"], found["outputs_with_a_key"]
    return 0 if not any(wrong) and found["flat"] and found["audit_holds"] else 1


if __name__ == "__main__":
    sys.exit(main())

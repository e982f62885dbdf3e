"""The command: `python -m tests.faults.chaos`; ends with 1 when there is a finding."""

import argparse
import asyncio
import secrets
import signal
import sys
from pathlib import Path

from tests.faults.chaos.run import run


def main() -> None:
    """Storm, audit, report."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults.chaos", description=__doc__)
    parser.add_argument("--seconds", type=float, default=600, help="how long the storm lasts")
    parser.add_argument("--seed", type=int, help="of all dice; one is drawn and told if unsaid")
    parser.add_argument(
        "--report", type=Path, default=Path("chaos.md"), help="where to: a .md or a .json file"
    )
    parser.add_argument(
        "--hurry", action="store_true", help="fault after fault, and end all leases after the storm"
    )
    parser.add_argument("--keep", action="store_true", help="keep the database and the logs")
    asked = parser.parse_args()
    seed = asked.seed if asked.seed is not None else secrets.randbelow(10**6)
    # Told to stop, we leave as orderly as after a Ctrl-C.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    report = asyncio.run(run(seconds=asked.seconds, seed=seed, hurry=asked.hurry, keep=asked.keep))
    report.write(asked.report)
    sys.stdout.write(report.markdown())
    raise SystemExit(1 if report.findings else 0)


if __name__ == "__main__":
    main()

"""`python -m bench.run [--quick]`: the three servers under the same load, in turn, and the table.

Everything is started anew: an embedded PostgreSQL and Valkey in a folder that is thrown away, the
data, the API by its own command, the limit and the plain server. This process is the client.
"""

import argparse
import tempfile
from pathlib import Path

import uvloop

from bench import data
from bench.operations import KINDS
from bench.servers import machine
from bench.stage import set_up
from bench.table import tables
from kit import clock


def main() -> None:
    """Measure and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="within a minute, and less exact")
    parser.add_argument("--only", choices=KINDS, action="append", help="this operation alone")
    parser.add_argument("--connections", type=int, default=8)
    parser.add_argument("--rounds", type=int, help="21, or 4 when quick")
    parser.add_argument("--seconds", type=float, help="of each slice: 0.7, or 0.3 when quick")
    uvloop.run(_measure(parser.parse_args()))


async def _measure(chosen: argparse.Namespace) -> None:
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        orders = data.ORDERS // 10 if chosen.quick else data.ORDERS
        async with set_up(Path(folder), orders=orders) as bench:
            if chosen.only:
                bench.operations = [each for each in bench.operations if each.name in chosen.only]
            await bench.compare()
            await bench.measure(
                rounds=chosen.rounds or (4 if chosen.quick else 21),
                seconds=chosen.seconds or (0.3 if chosen.quick else 0.7),
                connections=chosen.connections,
            )
            print(f"{clock.wall():%Y-%m-%d}, {machine()}, {chosen.connections} connections\n")
            print(tables(bench))


if __name__ == "__main__":
    main()

"""`python -m bench.run [--quick] [--all]`: the servers under the same load, in turn, and the table.

Everything is started anew: an embedded PostgreSQL and Valkey in a folder that is thrown away, the
data, the API by its own command, the limit and the peers. This process is the client. With `--all`
the other programs of this folder follow, each by itself, and a table of what they found.
"""

import argparse
import os
import sys

import uvloop

from bench import data, node_peers, programs, table
from bench.operations import KINDS
from bench.servers import machine, thrown_away
from bench.stage import set_up
from kit import clock


def main() -> None:
    """Measure and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="within minutes, and less exact")
    parser.add_argument("--all", action="store_true", help="the other programs, too")
    parser.add_argument("--only", choices=KINDS, action="append", help="this operation alone")
    parser.add_argument("--connections", type=int, default=8)
    parser.add_argument("--rounds", type=int, help="21, or 4 when quick")
    parser.add_argument("--seconds", type=float, help="of each slice: 0.7, or 0.3 when quick")
    parser.add_argument(
        "--write", action="store_true", help="the tables into README.md and docs/performance.md"
    )
    chosen = parser.parse_args()
    if chosen.write and chosen.only:
        parser.error("--write is for all operations")
    written = [uvloop.run(_measure(chosen))]
    ended = True
    if chosen.all:
        with thrown_away() as folder:
            others, ended = programs.run(folder, is_quick=chosen.quick)
        written.append(others)
        if chosen.write:
            table.write(table.ROOT / "docs" / "performance.md", "programs", _dated(others))
    print("\n" + "\n\n".join(written))
    sys.exit(not ended)


async def _measure(chosen: argparse.Namespace) -> str:
    busy, _, _ = os.getloadavg()
    with thrown_away() as folder:
        orders = data.ORDERS // 10 if chosen.quick else data.ORDERS
        async with set_up(folder, orders=orders) as bench:
            if chosen.only:
                bench.operations = [each for each in bench.operations if each.name in chosen.only]
            await bench.compare()
            rounds = chosen.rounds or (4 if chosen.quick else 21)
            seconds = chosen.seconds or (0.3 if chosen.quick else 0.7)
            await bench.measure(rounds=rounds, seconds=seconds, connections=chosen.connections)
            how = f"{chosen.connections} connections, {rounds} rounds of {seconds} s"
            how += f", {orders:,} orders; a load of {busy:.1f} before"
            if any(server.name == "mercurius" for server in bench.servers):
                how += f"; {node_peers.versions()}"
            text = _dated(table.tables(bench), how)
            if chosen.write:
                table.write(table.ROOT / "docs" / "performance.md", "requests", text)
                table.write(table.ROOT / "README.md", "requests", _dated(table.short(bench), how))
            return text


def _dated(text: str, *more: str) -> str:
    return f"{'; '.join([f'{clock.wall():%Y-%m-%d}, {machine()}', *more])}:\n\n{text}"


if __name__ == "__main__":
    main()

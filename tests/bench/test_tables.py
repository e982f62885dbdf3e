"""The tables that the programs of bench/ print, and where they are written."""

from pathlib import Path

import pytest

from bench import notes, table
from bench.measuring import Bench, Measured
from bench.operations import operations
from bench.servers import Server


def a_bench(*, peers: tuple[str, ...]) -> Bench:
    """One operation, measured in three rounds; each server takes a tenth longer than the last."""
    [point, *_] = operations(invitation_ids=[], member_ids=[])
    names = ("limit", "Partner Center", *peers)
    bench = Bench([], [point], {}, postmaster=0)
    bench.servers = [_Still(name) for name in names]
    for place, name in enumerate(names):
        rate = 1000 / 2**place
        bench.measured[name, "point"] = Measured(
            rates=[rate, 2 * rate, rate], answers=1000, server=0.1 * (place + 1), postgres=0.05
        )
    return bench


class _Still(Server):
    def __init__(self, name: str) -> None:
        object.__setattr__(self, "name", name)

    @property
    def peak(self) -> float:
        return 64.0


def test_each_peer_has_its_rate_and_how_many_times_it_we_do() -> None:
    text = table.tables(a_bench(peers=("mercurius", "PostGraphile")))

    rates, costs = text.split("\n\n")
    assert rates.splitlines()[0].endswith(
        "| target | mercurius, req/s | **× mercurius** | PostGraphile, req/s | **× PostGraphile** |"
    )
    assert rates.splitlines()[2].endswith(
        "| 1,000 | 500 | **0.50** | 0.6 | 250 | **2.0** | 125 | **4.0** |"
    )
    assert costs.splitlines()[2:] == [
        "| point | 100 + 50 | 200 + 50 | 300 + 50 | 400 + 50 |",
        "| the server's memory at most, MiB | 64 | 64 | 64 | 64 |",
    ]


def test_all_lines_of_a_table_have_as_many_cells() -> None:
    bench = a_bench(peers=("mercurius", "PostGraphile", "plain"))

    for text in (*table.tables(bench).split("\n\n"), table.short(bench)):
        assert len({line.count("|") for line in text.splitlines()}) == 1


def test_without_peers_the_table_is_of_the_limit_and_us() -> None:
    assert table.short(a_bench(peers=())) == (
        "| operation | Partner Center, req/s | of the limit |\n"
        "|---|---:|---:|\n"
        "| an invitation by its id, with its partner | 500 | 0.50 |"
    )


def test_a_table_is_written_between_its_marks_alone(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("before\n<!-- requests -->\nold\nolder\n<!-- end of requests -->\nafter\n")

    table.write(page, "requests", "| new \\1 |")

    assert page.read_text() == (
        "before\n<!-- requests -->\n| new \\1 |\n<!-- end of requests -->\nafter\n"
    )


def test_a_page_without_the_marks_is_left_alone(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("nothing\n")

    with pytest.raises(SystemExit):
        table.write(page, "requests", "| new |")

    assert page.read_text() == "nothing\n"


@pytest.mark.parametrize(
    ("page", "name"),
    [
        ("README.md", "requests"),
        ("docs/performance.md", "requests"),
        ("docs/performance.md", "programs"),
    ],
)
def test_the_pages_have_a_place_for_what_is_written_to_them(
    page: str, name: str, tmp_path: Path
) -> None:
    copy = tmp_path / "page.md"
    copy.write_text((table.ROOT / page).read_text())

    table.write(copy, name, "| new |")

    assert "| new |" in copy.read_text()


def test_notes_of_all_programs_come_into_one_table(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "notes"
    monkeypatch.setenv(notes.FILE, str(file))
    notes.note("statements", "14.8 s", beside="2.6 s", ratio=5.69, target="20 s", is_met=True)
    notes.note("deliveries", "900/s")

    assert notes.table(("bench.some", line) for line in notes.kept(file)).splitlines()[2:] == [
        "| `bench.some` | statements | 14.8 s | 2.6 s | **5.69** | 20 s | met |",
        "| `bench.some` | deliveries | 900/s |  |  |  |  |",
    ]


def test_a_program_that_is_run_by_itself_keeps_no_notes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(notes.FILE, raising=False)
    monkeypatch.chdir(tmp_path)

    notes.note("statements", "14.8 s")

    assert list(tmp_path.iterdir()) == []

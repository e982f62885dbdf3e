"""What an event changed is told as the API tells everything else."""

from types import SimpleNamespace
from typing import Any
from uuid import UUID

from schema.event_changes import changes

ID, OTHER = UUID(int=7), UUID(int=8)


def told(before: dict[str, Any], after: dict[str, Any]) -> list[tuple[str, Any, Any]]:
    made = changes(SimpleNamespace(before=before, after=after), None)
    return [(change.field, change.before, change.after) for change in made]


def test_fields_are_called_as_in_the_schema() -> None:
    assert told({}, {"fee_tax_rate": "0.0600", "HCSA_HCSP": 4, "name": "Acme"}) == [
        ("feeTaxRate", None, "0.0600"),
        ("HCSA_HCSP", None, "4"),
        ("name", None, "Acme"),
    ]


def test_where_a_thing_stands_is_called_as_in_the_schema() -> None:
    assert told({"state": "RUNNING"}, {"state": "DONE"}) == [("status", "RUNNING", "DONE")]


def test_ids_are_those_of_the_api() -> None:
    assert told({"manager_id": str(ID)}, {"manager_id": str(OTHER)}) == [
        ("managerId", f"opr_{ID.hex}", f"opr_{OTHER.hex}")
    ]
    assert told({}, {"order_id": str(ID), "partner_id": str(OTHER)}) == [
        ("orderId", None, f"ord_{ID.hex}"),
        ("partnerId", None, f"ptn_{OTHER.hex}"),
    ]
    assert told({"manager_id": str(ID)}, {"manager_id": None}) == [
        ("managerId", f"opr_{ID.hex}", None)
    ]


def test_times_are_written_as_everywhere() -> None:
    assert told({"unlinked_at": None}, {"unlinked_at": "2030-02-01T08:00:00+08:00"}) == [
        ("unlinkedAt", None, "2030-02-01T00:00:00.000000Z")
    ]


def test_what_is_of_the_inside_is_not_told() -> None:
    assert told({"status": "PENDING"}, {"status": "LINKED", "generation": 1}) == [
        ("status", "PENDING", "LINKED")
    ]
    assert told({}, {"evidence_id": str(ID), "others": [str(OTHER)]}) == []

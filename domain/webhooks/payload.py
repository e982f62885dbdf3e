"""The body of a webhook, made of an event: always the same bytes for the same event."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from domain.audit import changes, subjects
from kit import ids

MOST_BYTES = 20_000
TRIAL = "webhook.test"


def of_event(event: Mapping[str, Any]) -> bytes:
    """What is told of an event, in at most 20 kB; a longer one is thin: without its changes.

    `event` has the columns of the table, `before` and `after` as text.
    """
    told = changes.changes(orjson.loads(event["before"]), orjson.loads(event["after"]))
    body = _body(event, told=[change._asdict() for change in told], thin=False)
    return body if len(body) <= MOST_BYTES else _body(event, told=[], thin=True)


def of_trial(delivery_id: UUID, *, endpoint_id: UUID, partner_id: UUID, at: datetime) -> bytes:
    """What an endpoint gets that is only tried out."""
    return orjson.dumps(
        {
            "type": TRIAL,
            "timestamp": changes.moment(at),
            "data": {
                "id": ids.encode("whd", delivery_id),
                "position": None,
                "tenant": ids.encode("ptn", partner_id),
                "name": TRIAL,
                "subject": {
                    "type": "webhook_endpoint",
                    "id": subjects.id_of("webhook_endpoint", endpoint_id),
                },
                "changes": [],
                "thin": False,
            },
        }
    )


def _body(event: Mapping[str, Any], *, told: list[dict[str, Any]], thin: bool) -> bytes:
    return orjson.dumps(
        {
            "type": event["name"],
            "timestamp": changes.moment(event["occurred_at"]),
            "data": {
                "id": ids.encode("evt", event["event_id"]),
                "position": event["position"],
                "tenant": ids.encode("ptn", event["partner_id"]),
                "name": event["name"],
                "subject": {
                    "type": event["subject_type"],
                    "id": subjects.id_of(event["subject_type"], event["subject_id"]),
                },
                "changes": told,
                "thin": thin,
            },
        }
    )

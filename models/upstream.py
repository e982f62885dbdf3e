"""Systems behind the product: what is asked of them, and what each of them has answered."""

from collections.abc import Mapping, Set
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint

from kit.status import Status
from models.base import Leased, Record


class System(StrEnum):
    """Who is asked: each is a port with an adapter of its own."""

    PROVISIONING = "PROVISIONING"
    ONLINE_PAYMENT = "ONLINE_PAYMENT"
    BANK = "BANK"
    METERING = "METERING"
    CRM = "CRM"
    FINANCE = "FINANCE"


class RequestState(Status):
    """Life of a request: what was answered last decides, also when it comes after the fact."""

    WAITING = "WAITING"
    SENT = "SENT"
    ANSWERED = "ANSWERED"
    FAILED = "FAILED"
    DEAD = "DEAD"

    @classmethod
    def arrows(cls) -> Mapping[str, Set[str]]:
        """Asked again while nobody answers; a dead one may still be answered, or be retried."""
        answers = {cls.ANSWERED, cls.FAILED}
        return {
            cls.WAITING: answers | {cls.SENT, cls.DEAD},
            cls.SENT: answers | {cls.WAITING, cls.DEAD},
            cls.ANSWERED: {cls.FAILED},
            cls.FAILED: {cls.ANSWERED, cls.WAITING},
            cls.DEAD: answers | {cls.WAITING},
        }


class Behaviour(StrEnum):
    """How the simulator answers in the place of a system."""

    PROMPT = "PROMPT"
    LATE = "LATE"
    TWICE = "TWICE"
    ERROR = "ERROR"
    ERROR_AFTER = "ERROR_AFTER"
    NEVER = "NEVER"
    REFUSES_CONNECTION = "REFUSES_CONNECTION"


class UpstreamRequest(Record, Leased):
    """One thing that is asked of another system, written in the transaction that wants it.

    Its id goes along, so that a system that is asked again knows that it was. `attempts` are those
    to reach it since the last success, `askings` how often it was reached. The answers have the
    last word on `reference`, the name that the system has given to what it did, and on `code`.
    """

    system = fields.CharEnumField(System, max_length=16)
    operation = fields.CharField(64)
    subject_type = fields.CharField(64)
    subject_id = fields.UUIDField(db_index=True)
    payload: dict[str, Any] = fields.JSONField(default=dict)
    state = fields.CharEnumField(RequestState, max_length=16, default=RequestState.WAITING)
    askings = fields.IntField(default=0)
    sent_at: datetime | None = fields.DatetimeField(null=True)
    answered_at: datetime | None = fields.DatetimeField(null=True)
    reference = fields.CharField(128, null=True)
    code = fields.CharField(64, null=True)

    class Meta:
        table = "upstream_request"
        indexes = (
            Index(fields=("created_at", "id"), name="upstream_request_by_age"),
            Index(fields=("state", "created_at", "id"), name="upstream_request_by_state"),
            Index(fields=("system", "created_at", "id"), name="upstream_request_by_system"),
        )
        constraints = (
            CheckConstraint(
                name="upstream_request_state_known",
                check="state in ('WAITING', 'SENT', 'ANSWERED', 'FAILED', 'DEAD')",
            ),
            CheckConstraint(
                name="upstream_request_sent_has_moment",
                check="state <> 'SENT' or sent_at is not null",
            ),
            CheckConstraint(
                name="upstream_request_answered_has_moment",
                check="state not in ('ANSWERED', 'FAILED') or answered_at is not null",
            ),
        )


class UpstreamAnswer(Record):
    """What a system has said to a request; the same said twice is one answer, heard twice."""

    request: fields.ForeignKeyRelation[UpstreamRequest] = fields.ForeignKeyField(
        "models.UpstreamRequest", on_delete=fields.CASCADE, related_name="answers"
    )
    request_id: UUID
    digest = fields.CharField(64)
    ok = fields.BooleanField()
    reference = fields.CharField(128, null=True)
    code = fields.CharField(64, null=True)
    facts: dict[str, Any] = fields.JSONField(default=dict)
    heard = fields.IntField(default=1)
    last_heard_at = fields.DatetimeField()
    recorded_by: UUID | None = fields.UUIDField(null=True)

    class Meta:
        table = "upstream_answer"
        constraints = (
            UniqueConstraint(fields=("request_id", "digest"), name="upstream_answer_once"),
            CheckConstraint(name="upstream_answer_heard", check="heard > 0"),
        )


class UpstreamBehaviour(Record):
    """How a sandbox's simulator behaves in the place of one system; PROMPT where there is none."""

    system = fields.CharEnumField(System, max_length=16, unique=True)
    behaviour = fields.CharEnumField(Behaviour, max_length=24)
    after_seconds = fields.IntField(default=0)

    class Meta:
        table = "upstream_behaviour"
        constraints = (
            CheckConstraint(name="upstream_behaviour_forward", check="after_seconds >= 0"),
        )


class SimulatedRequest(Record):
    """What the simulator has taken in, as a system of its own would: the id is the request's."""

    behaviour = fields.CharEnumField(Behaviour, max_length=24)
    answered = fields.IntField(default=0)

    class Meta:
        table = "simulated_request"

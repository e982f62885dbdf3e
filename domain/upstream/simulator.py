"""A stand-in for every system behind the product: what sandboxes and tests talk to.

It answers by business time, in whichever of the ways that real systems have it is told to behave.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from domain.audit import events
from domain.identity import permissions
from domain.identity.viewer import Viewer
from domain.sandbox.clock import SandboxOnly
from domain.upstream import answering
from domain.upstream.ports import Adapter, Asked, Unreachable
from kit import clock, database, timers
from kit.ids import new_id
from kit.problems import InvalidInput
from kit.timers import Waits
from kit.transaction import transactional
from models.upstream import Behaviour, SimulatedRequest, System, UpstreamBehaviour

ANSWER = "simulated_request.answer"
LONGEST = timedelta(days=400)
AFTERTHOUGHT = timedelta(minutes=5)  # between an answer and what is said to it once more

_TALKATIVE = (Behaviour.TWICE, Behaviour.ERROR_AFTER)


class Simulator(Adapter):
    """The adapter of any system."""

    @transactional
    async def send(self, asked: Asked) -> None:
        """Take a request in, and answer as the system's behaviour has it. Raises Unreachable."""
        told = await UpstreamBehaviour.get_or_none(system=asked.system)
        behaviour = told.behaviour if told else Behaviour.PROMPT
        after = timedelta(seconds=told.after_seconds if told else 0)
        if behaviour is Behaviour.REFUSES_CONNECTION:
            raise Unreachable(f"{asked.system} refuses connections")
        known = await SimulatedRequest.get_or_none(id=asked.id)
        if known is None:
            await SimulatedRequest(id=asked.id, created_at=asked.now, behaviour=behaviour).insert()
        elif known.behaviour is not behaviour:
            known.behaviour = behaviour
            await known.save(update_fields=["behaviour"])
        if behaviour is not Behaviour.NEVER:
            await _schedule(asked.id, at=asked.now + after, now=asked.now)


async def answer(*, subject_ids: Sequence[UUID], now: datetime) -> None:
    """Say what is to be said by now. The effect of the timer `simulated_request.answer`."""
    for taken in await SimulatedRequest.filter(id__in=subject_ids).order_by("id"):
        is_late_error = taken.behaviour is Behaviour.ERROR_AFTER and taken.answered > 0
        ok = taken.behaviour is not Behaviour.ERROR and not is_late_error
        taken.answered += 1
        await taken.save(update_fields=["answered"])
        await answering.answered(
            taken.id,
            ok=ok,
            reference=f"SIM-{taken.id.hex[-12:].upper()}" if ok else None,
            code=None if ok else "SIMULATED_ERROR",
            now=now,
        )
        if taken.behaviour in _TALKATIVE and taken.answered == 1:
            await _schedule(taken.id, at=now + AFTERTHOUGHT, now=now)


@transactional
async def behave(
    *,
    viewer: Viewer,
    system: System,
    behaviour: Behaviour,
    after: timedelta,
    now: datetime,
) -> UpstreamBehaviour:
    """Let the simulator answer in the place of a system as told, from now on and for everybody.

    `after` is how long it takes. Raises SandboxOnly, and InvalidInput unless `after` is at most 400
    days of whole seconds.
    """
    if not clock.is_sandbox():
        raise SandboxOnly()
    permissions.require(viewer, "sandboxUpstreamSet")
    seconds = int(after.total_seconds())
    if not timedelta() <= after <= LONGEST or after != timedelta(seconds=seconds):
        raise InvalidInput(
            reason=f"It answers after whole seconds, {LONGEST.days} days at most.",
            reason_zh=f"应答延迟须为整数秒,最多 {LONGEST.days} 天。",
            path=("input", "after"),
        )
    row = await database.row(
        """
        insert into upstream_behaviour (id, created_at, system, behaviour, after_seconds)
        values ($1, $2, $3, $4, $5)
        on conflict (system) do update
        set behaviour = excluded.behaviour, after_seconds = excluded.after_seconds
        returning id""",
        new_id(),
        now,
        system.value,
        behaviour.value,
        seconds,
    )
    assert row is not None
    told = await UpstreamBehaviour.get(id=row["id"])
    await events.record(
        "upstream_behaviour.set",
        actor=viewer,
        subject_type="upstream_behaviour",
        subject_id=told.id,
        tenant_id=events.PLATFORM_TENANT,
        at=now,
        after={"system": system.value, "behaviour": behaviour.value, "after_seconds": seconds},
    )
    return told


# Whatever is still to be said is said by a timer.
ANSWER_WAITS = Waits(
    kind=ANSWER,
    table="simulated_request",
    live="behaviour <> 'NEVER' and (answered = 0"
    " or (answered = 1 and behaviour in ('TWICE', 'ERROR_AFTER')))",
    due_at="moment.now",
    tenant_id=f"'{events.PLATFORM_TENANT}'::uuid",
    on_timeout="REMIND",
)


async def _schedule(request_id: UUID, *, at: datetime, now: datetime) -> None:
    await timers.schedule(
        ANSWER,
        tenant_id=events.PLATFORM_TENANT,
        subject_id=request_id,
        due_at=at,
        on_timeout="REMIND",
        now=now,
    )

"""Asking other systems, and everything that their answers can be."""

from datetime import timedelta
from typing import Any

import pytest

from domain.upstream import answering, ports, sending, silence
from domain.upstream.effects import NO_ANSWER, UNREACHABLE
from domain.upstream.simulator import AFTERTHOUGHT, Simulator
from kit import timers
from kit.transaction import transactional
from models.audit import Event
from models.upstream import Behaviour, RequestState, System, UpstreamAnswer
from tests.conftest import Clock
from tests.races import at_once
from tests.upstream.conftest import Asker, crm_is
from tests.upstream.working import fire_due, work

pytestmark = pytest.mark.usefixtures("database")


async def test_what_is_asked_is_answered(asker: Asker, time: Clock) -> None:
    id = await asker.asks()

    await work(time.now)

    assert asker.told == [(True, None)]
    assert asker.heard[0].payload == {"what": "it"}
    request = await asker.request(id)
    assert request.state is RequestState.ANSWERED
    assert request.reference == asker.heard[0].reference == f"SIM-{id.hex[-12:].upper()}"
    assert request.askings == 1


async def test_what_is_undone_was_never_asked(asker: Asker, time: Clock) -> None:
    @transactional
    async def fail() -> None:
        await asker.asks()
        raise RuntimeError

    with pytest.raises(RuntimeError):
        await fail()
    await work(time.now)

    assert asker.heard == []


async def test_a_late_answer_counts_when_it_comes(asker: Asker, time: Clock) -> None:
    await crm_is(Behaviour.LATE, after=600)
    await asker.asks()
    await work(time.now)
    time.forward(seconds=599)
    await work(time.now)
    assert asker.heard == []

    time.forward(seconds=1)
    await work(time.now)

    assert asker.told == [(True, None)]


async def test_the_same_answer_twice_is_one(asker: Asker, time: Clock) -> None:
    await crm_is(Behaviour.TWICE)
    id = await asker.asks()
    await work(time.now)
    time.now += AFTERTHOUGHT
    await work(time.now)

    assert asker.told == [(True, None)]
    assert (await UpstreamAnswer.get(request_id=id)).heard == 2


async def test_an_error_after_the_fact_is_handed_on_and_counts(asker: Asker, time: Clock) -> None:
    await crm_is(Behaviour.ERROR_AFTER)
    id = await asker.asks()
    await work(time.now)
    assert (await asker.request(id)).state is RequestState.ANSWERED
    time.now += AFTERTHOUGHT
    await work(time.now)

    assert asker.told == [(True, None), (False, "SIMULATED_ERROR")]
    assert (await asker.request(id)).state is RequestState.FAILED


async def test_a_failure_is_an_answer(asker: Asker, time: Clock) -> None:
    await crm_is(Behaviour.ERROR)
    id = await asker.asks()
    await work(time.now)

    assert asker.told == [(False, "SIMULATED_ERROR")]
    assert (await asker.request(id)).code == "SIMULATED_ERROR"


async def test_silence_is_asked_again_and_in_the_end_people_are_called(
    asker: Asker, time: Clock
) -> None:
    await crm_is(Behaviour.NEVER)
    id = await asker.asks()
    for asking in range(1, silence.ASKINGS + 1):
        await work(time.now)
        assert (await asker.request(id)).askings == asking
        assert asker.heard == []
        time.now += silence.PATIENCE

    await work(time.now)

    assert asker.told == [(False, NO_ANSWER)]
    assert (await asker.request(id)).state is RequestState.DEAD
    assert [event.name for event in await Event.filter(subject_id=id)] == [
        "upstream_request.given_up"
    ]


async def test_a_dead_request_that_is_answered_after_all_counts(asker: Asker, time: Clock) -> None:
    await crm_is(Behaviour.NEVER)
    id = await asker.asks()
    for _ in range(silence.ASKINGS + 1):
        await work(time.now)
        time.now += silence.PATIENCE

    await answering.answered(id, ok=True, reference="R-1", now=time.now)

    assert asker.told == [(False, NO_ANSWER), (True, None)]
    assert (await asker.request(id)).state is RequestState.ANSWERED


async def test_a_system_that_refuses_connections_is_tried_again_and_given_up(
    asker: Asker, time: Clock
) -> None:
    await crm_is(Behaviour.REFUSES_CONNECTION)
    id = await asker.asks()
    for attempt in range(1, 9):
        await work(time.now)
        request = await asker.request(id)
        assert request.attempts == attempt
        time.now = max(time.now, request.next_attempt_at) + timedelta(seconds=1)

    assert asker.told == [(False, UNREACHABLE)]
    assert request.state is RequestState.DEAD
    assert request.last_error == "Unreachable: Unreachable: CRM refuses connections"


async def test_a_system_that_comes_back_in_time_is_reached(asker: Asker, time: Clock) -> None:
    await crm_is(Behaviour.REFUSES_CONNECTION)
    id = await asker.asks()
    await work(time.now)
    await crm_is(Behaviour.PROMPT)
    time.now = (await asker.request(id)).next_attempt_at

    await work(time.now)

    assert asker.told == [(True, None)]
    request = await asker.request(id)
    assert request.attempts == 0
    assert request.last_error is None


async def test_an_answer_may_be_faster_than_the_note_that_we_have_asked(
    asker: Asker, time: Clock
) -> None:
    class Hasty:
        async def send(self, asked: ports.Asked) -> None:
            await answering.answered(asked.id, ok=True, now=asked.now)

    ports.use({System.CRM: Hasty()})
    try:
        id = await asker.asks()
        await work(time.now)
    finally:
        ports.use({system: Simulator() for system in System})

    request = await asker.request(id)
    assert asker.told == [(True, None)]
    assert (request.state, request.askings) == (RequestState.ANSWERED, 0)
    time.now += silence.PATIENCE
    assert await fire_due(time.now) == 0


async def test_without_an_adapter_requests_wait(asker: Asker, time: Clock) -> None:
    ports.use({})
    try:
        id = await asker.asks()
        await work(time.now)
    finally:
        ports.use({system: Simulator() for system in System})

    request = await asker.request(id)
    assert (request.state, request.attempts) == (RequestState.WAITING, 0)


async def test_a_worker_that_dies_after_sending_sends_again_and_nothing_happens_twice(
    asker: Asker, time: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def dies(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    id = await asker.asks()
    with monkeypatch.context() as dying:
        dying.setattr(silence, "note_sent", dies)
        with pytest.raises(KeyboardInterrupt):
            await sending.send_due(now=time.now)
    await fire_due(time.now)  # the system answers nevertheless
    assert asker.told == [(True, None)]

    await type(await asker.request(id)).filter(id=id).update(leased_until=time.now)
    await work(time.now)

    assert asker.told == [(True, None)]
    assert (await asker.request(id)).state is RequestState.ANSWERED


@pytest.mark.parametrize("first", [0, 1])
async def test_two_answers_at_once_both_count_one_after_the_other(
    asker: Asker, time: Clock, first: int
) -> None:
    id = await asker.asks()
    calls = [
        answering.answered(id, ok=True, reference="R-1", now=time.now),
        answering.answered(id, ok=False, code="OUT_OF_STOCK", now=time.now),
    ]
    if first:
        calls.reverse()

    await at_once(*calls, while_locked=await asker.request(id))

    told = [(True, None), (False, "OUT_OF_STOCK")]
    assert asker.told == (list(reversed(told)) if first else told)
    wanted = RequestState.ANSWERED if first else RequestState.FAILED
    assert (await asker.request(id)).state is wanted


async def test_the_same_answer_twice_at_once_is_one(asker: Asker, time: Clock) -> None:
    id = await asker.asks()

    await at_once(
        *(answering.answered(id, ok=True, reference="R-1", now=time.now) for _ in "ab"),
        while_locked=await asker.request(id),
    )

    assert asker.told == [(True, None)]


async def test_the_sweep_finds_nothing_to_mend_and_mends_what_is_missing(
    asker: Asker, time: Clock
) -> None:
    await crm_is(Behaviour.NEVER)
    id = await asker.asks()
    await work(time.now)
    assert (await timers.mend(silence.OVERDUE_WAITS, now=time.now)).created == 0

    from models.timers import Timer

    await Timer.filter(subject_id=id).delete()
    assert (await timers.mend(silence.OVERDUE_WAITS, now=time.now)).created == 1
    time.now += silence.PATIENCE
    await work(time.now)
    assert (await asker.request(id)).askings == 2

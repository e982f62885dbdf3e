"""Step-up verification: a code by mail before a sensitive operation (O-10, O-11)."""

import asyncio
from datetime import timedelta

import pytest

from domain.identity import steps
from domain.identity.items import Item
from domain.identity.presets import Preset
from domain.identity.steps import StepUpCodeWrong, StepUpRequired, StepUpThrottled, require_step_up
from domain.identity.viewer import SYSTEM, Viewer
from domain.notifications.rendering import render
from kit import links
from kit.problems import Forbidden, InvalidInput
from kit.transaction import transactional
from models.audit import Event
from models.customers import Customer
from models.identity import CustomerUser
from models.notifications import Mail
from models.partners import Partner
from models.steps import StepUpCode
from tests.conftest import Clock
from tests.customers.conftest import Ask, Refused
from tests.customers.factories import a_customer, a_manager
from tests.factories import (
    LONG_AGO,
    a_partner,
    a_person,
    a_staff_viewer,
    an_administrator,
    an_operator,
    as_operator,
    as_person,
)

pytestmark = pytest.mark.usefixtures("database")

OPERATION = "partnerStepUpSet"
OTHER = "somethingElse"
WRONG = "no number"


class Scene:
    """A partner that has turned it on, and its administrator."""

    partner: Partner
    administrator: Viewer


@pytest.fixture
async def scene(time: Clock, wall: Clock, monkeypatch: pytest.MonkeyPatch) -> Scene:
    monkeypatch.setattr(steps, "SENSITIVE", steps.SENSITIVE | {OTHER: ("do it", "执行")})
    scene = Scene()
    scene.partner = await a_partner()
    scene.administrator = await an_administrator(scene.partner)
    await steps.set_enabled(viewer=scene.administrator, enabled=True, now=time.now)
    return scene


async def mailed(viewer: Viewer, time: Clock, operation: str = OPERATION) -> str:
    """Ask for a code, and read it in the mail."""
    code = await steps.request_code(viewer=viewer, operation=operation, now=time.now)
    return links.code(steps.PURPOSE, id=code.id)


@transactional
async def guarded(
    viewer: Viewer, code: str | None, time: Clock, operation: str = OPERATION
) -> None:
    """A sensitive workflow."""
    await require_step_up(viewer, operation, code, time.now)
    await Customer.create(created_at=time.now, name="Made", account_name="made")


async def refused(viewer: Viewer, code: str | None, time: Clock) -> int:
    """Try in vain; how many attempts are left."""
    with pytest.raises(StepUpCodeWrong) as wrong:
        await guarded(viewer, code, time)
    assert wrong.value.path == ("input", "stepUpCode")
    assert not await Customer.exists()
    return wrong.value.attempts_left


async def test_the_right_code_opens_once(scene: Scene, time: Clock) -> None:
    code = await mailed(scene.administrator, time)

    await guarded(scene.administrator, f" {code} ", time)

    await Customer.all().delete()
    assert await refused(scene.administrator, code, time) == 0


async def test_without_a_code_one_is_asked_for_it(scene: Scene, time: Clock) -> None:
    for nothing in (None, "", "  "):
        with pytest.raises(StepUpRequired) as required:
            await guarded(scene.administrator, nothing, time)
        assert required.value.operation == OPERATION
    assert not await Customer.exists()


async def test_a_code_is_for_one_person_and_one_operation(scene: Scene, time: Clock) -> None:
    colleague = await an_administrator(scene.partner)
    code = await mailed(scene.administrator, time)
    for_other = await mailed(scene.administrator, time, OTHER)

    assert await refused(colleague, code, time) == 0
    assert await refused(scene.administrator, for_other, time) == 4
    await guarded(scene.administrator, code, time)


async def test_it_is_good_for_ten_minutes_of_real_time(
    scene: Scene, time: Clock, wall: Clock
) -> None:
    code = await mailed(scene.administrator, time)
    time.forward(days=30)  # a sandbox that jumps ahead voids nothing
    wall.forward(seconds=599.999999)
    await guarded(scene.administrator, code, time)
    await Customer.all().delete()

    code = await mailed(scene.administrator, time)
    wall.forward(minutes=10)
    assert await refused(scene.administrator, code, time) == 0


async def test_a_newer_code_makes_the_one_before_void(scene: Scene, time: Clock) -> None:
    first = await mailed(scene.administrator, time)
    second = await mailed(scene.administrator, time)

    assert await refused(scene.administrator, first, time) == 4
    await guarded(scene.administrator, second, time)


async def test_wrong_codes_count_although_all_else_is_rolled_back(
    scene: Scene, time: Clock
) -> None:
    code = await mailed(scene.administrator, time)

    left = [await refused(scene.administrator, WRONG, time) for _ in range(5)]

    assert left == [4, 3, 2, 1, 0]
    assert await refused(scene.administrator, code, time) == 0


async def test_guessing_all_at_once_is_no_way_around_the_five(scene: Scene, time: Clock) -> None:
    code = await mailed(scene.administrator, time)

    await asyncio.gather(
        *(guarded(scene.administrator, WRONG, time) for _ in range(8)), return_exceptions=True
    )

    assert (await StepUpCode.get()).attempts == 5
    assert await refused(scene.administrator, code, time) == 0


async def test_of_two_with_the_same_code_one_gets_in(scene: Scene, time: Clock) -> None:
    code = await mailed(scene.administrator, time)

    @transactional
    async def enter() -> None:
        await require_step_up(scene.administrator, OPERATION, code, time.now)

    outcomes = await asyncio.gather(enter(), enter(), return_exceptions=True)

    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["NoneType", "StepUpCodeWrong"]


async def test_a_workflow_that_is_refused_afterwards_leaves_the_code_good(
    scene: Scene, time: Clock
) -> None:
    code = await mailed(scene.administrator, time)

    @transactional
    async def fails() -> None:
        await require_step_up(scene.administrator, OPERATION, code, time.now)
        raise Forbidden(needs="LUCK")

    with pytest.raises(Forbidden):
        await fails()
    await guarded(scene.administrator, code, time)


async def test_three_codes_in_ten_minutes_are_the_most(
    scene: Scene, time: Clock, wall: Clock
) -> None:
    for _ in range(3):
        await mailed(scene.administrator, time)
        wall.forward(minutes=1)

    with pytest.raises(StepUpThrottled) as throttled:
        await mailed(scene.administrator, time)
    assert throttled.value.retry_after_seconds == 7 * 60
    assert await StepUpCode.all().count() == 3

    wall.forward(minutes=7)
    await mailed(scene.administrator, time)


async def test_three_at_once_and_not_six(scene: Scene, time: Clock) -> None:
    outcomes = await asyncio.gather(
        *(mailed(scene.administrator, time) for _ in range(6)), return_exceptions=True
    )

    assert sum(isinstance(outcome, StepUpThrottled) for outcome in outcomes) == 3
    assert await Mail.all().count() == 3


async def test_only_whose_partner_wants_it_is_asked(scene: Scene, time: Clock) -> None:
    for viewer in (
        await an_administrator(await a_partner("Careless")),
        await a_staff_viewer(Item.OPERATE),
        SYSTEM,
    ):
        await require_step_up(viewer, OPERATION, None, time.now)
    person = await a_person()
    customer = await a_customer(of=scene.partner)
    await CustomerUser.create(created_at=LONG_AGO, customer_id=customer.id, person_id=person.id)
    buyer = await as_person(person)
    with pytest.raises(StepUpRequired):
        await require_step_up(buyer, OPERATION, None, time.now)
    code = await mailed(buyer, time)
    await require_step_up(buyer, OPERATION, code, time.now)


async def test_a_system_has_no_mailbox(scene: Scene, time: Clock) -> None:
    key = Viewer(
        kind=scene.administrator.kind,
        display_name="ERP",
        api_key_id=scene.partner.id,
        partner_id=scene.partner.id,
        items=frozenset(Item),
    )
    with pytest.raises(Forbidden):
        await steps.request_code(viewer=key, operation=OPERATION, now=time.now)
    with pytest.raises(StepUpRequired):
        await require_step_up(key, OPERATION, "123456", time.now)


async def test_what_needs_no_code_gets_none(scene: Scene, time: Clock) -> None:
    with pytest.raises(InvalidInput) as refused:
        await steps.request_code(viewer=scene.administrator, operation="signOut", now=time.now)
    assert refused.value.path == ("input", "operation")
    assert not await Mail.exists()


@pytest.mark.parametrize(("locale", "words"), [("en", "only: do it"), ("zh", "仅用于:执行")])
async def test_the_mail_tells_the_code_and_no_table_does(
    scene: Scene, time: Clock, locale: str, words: str
) -> None:
    code = await mailed(scene.administrator, time, OTHER)
    mail = await Mail.get()
    assert mail.recipient == scene.administrator.email
    assert code not in str(mail.facts)

    message = render(
        template=mail.template,
        locale=locale,
        facts=mail.facts,
        recipient=mail.recipient,
        sender="no-reply@example.com",
        id=mail.id,
        at=time.now,
    )

    body = message.get_body(("plain",))
    assert body is not None
    assert code in str(message["Subject"])
    assert words in body.get_content()
    html = message.get_body(("html",))
    assert html is not None
    assert code in html.get_content()


REQUEST = """
mutation { stepUpCodeRequest(input: {operation: "partnerStepUpSet"}) {
  sentTo expiresAt errors { code } } }
"""
SWITCH = """
mutation ($on: Boolean!, $code: String) {
  partnerStepUpSet(input: {enabled: $on, stepUpCode: $code}) {
    partner { stepUpEnabled } errors { code ... on StepUpRequired { operation } } } }
"""


async def test_it_is_turned_off_with_a_code_only(ask: Ask, scene: Scene, time: Clock) -> None:
    by = scene.administrator
    answer = await ask(SWITCH, by=by, on=False)
    assert answer["errors"] == [{"code": "STEP_UP_REQUIRED", "operation": OPERATION}]
    assert (await Partner.get(id=scene.partner.id)).step_up_enabled

    sent = await ask(REQUEST, by=by)
    assert sent["errors"] == []
    assert sent["sentTo"] == f"p***@{str(by.email).partition('@')[2]}"
    code = links.code(steps.PURPOSE, id=(await StepUpCode.get()).id)
    answer = await ask(SWITCH, by=by, on=False, code=code)
    assert answer == {"partner": {"stepUpEnabled": False}, "errors": []}
    answer = await ask(SWITCH, by=by, on=False)
    assert answer["errors"] == []

    events = await Event.filter(name="partner.step_up_set").order_by("id")
    assert [event.after for event in events] == [
        {"step_up_enabled": True},
        {"step_up_enabled": False},
    ]


async def test_only_the_administrator_turns_it(ask: Ask, scene: Scene) -> None:
    _, manager = await a_manager(scene.partner)
    finance = await as_operator(await an_operator(of=scene.partner, role=Preset.FINANCE))
    for viewer in (manager, finance):
        with pytest.raises(Refused) as refused:
            await ask(SWITCH, by=viewer, on=False)
        assert refused.value.codes == ["FORBIDDEN"]


async def test_old_codes_are_thrown_away(scene: Scene, time: Clock, wall: Clock) -> None:
    await mailed(scene.administrator, time)
    wall.forward(days=1)
    await mailed(scene.administrator, time)

    assert await StepUpCode.filter(created_at__lt=wall.now - timedelta(minutes=1)).count() == 0

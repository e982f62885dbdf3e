"""The platform's decisions on applications, and the mails about them."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from domain.identity.items import Item
from domain.notifications.rendering import render
from domain.programmes import reviews
from domain.programmes.guards import ApplicationExpired
from kit.ids import new_id
from kit.problems import Forbidden, InvalidInput, NotFound
from kit.status import WrongStatus
from models.audit import Event
from models.notifications import Mail
from models.programmes import Programme, ProgrammeApplication
from models.programmes import ProgrammeApplicationStatus as Status
from models.timers import Timer
from tests.conftest import Clock
from tests.factories import a_staff_viewer, an_administrator
from tests.programmes.factories import (
    a_company,
    a_draft,
    a_membership,
    a_programme,
    a_reviewer,
    a_submission,
)

pytestmark = pytest.mark.usefixtures("presets")

Decide = Callable[..., Awaitable[Any]]


async def test_approved_the_partner_is_a_member_from_now_on(time: Clock) -> None:
    partner, programme = await a_company(), await a_programme(validity_months=12)
    submitted = await a_submission(of=partner, programme=programme, now=time.now)

    time.forward(days=3)
    approved = await reviews.approve(
        viewer=await a_reviewer(), application_id=submitted.id, now=time.now
    )

    assert approved.status is Status.APPROVED
    assert (approved.decided_at, approved.effective_from) == (time.now, time.now)
    # 7.30 on the fourth of February in Shanghai, and a calendar year later.
    assert approved.expires_at is not None
    assert approved.expires_at.isoformat() == "2031-02-03T23:30:00+00:00"
    timer = await Timer.get(subject_id=submitted.id)
    assert (timer.kind, timer.due_at) == ("programme_application.expire", approved.expires_at)
    event = await Event.get(name="programme_application.approved")
    assert (event.before, event.after) == (
        {"status": "SUBMITTED"},
        {"status": "APPROVED", "programme": "OPEN"},
    )


async def test_rejected_it_says_why_and_the_partner_is_told(time: Clock) -> None:
    partner = await a_company("Acme")
    by = await an_administrator(partner)
    submitted = await a_submission(
        of=partner, programme=await Programme.get(code="HCPN"), by=by, now=time.now
    )

    rejected = await reviews.reject(
        viewer=await a_reviewer(), application_id=submitted.id, reason=" Blurred. ", now=time.now
    )

    assert (rejected.status, rejected.decision_reason) == (Status.REJECTED, "Blurred.")
    assert (rejected.decided_at, rejected.ended_at) == (time.now, time.now)
    mail = await Mail.get(template="programme_decision")
    assert mail.recipient == by.email
    assert mail.facts == {
        "approved": False,
        "reason": "Blurred.",
        "decided_at": "2030-01-31T23:30:00+00:00",
        "partner": "Acme",
        "programme": "Partner network (HCPN)",
    }


@pytest.mark.parametrize("reason", ["", "  ", "x" * 501])
async def test_a_decision_against_a_partner_has_a_reason(time: Clock, reason: str) -> None:
    partner, reviewer = await a_company(), await a_reviewer()
    submitted = await a_submission(of=partner, programme=await a_programme(), now=time.now)

    for decide in (reviews.reject, reviews.exit):
        with pytest.raises(InvalidInput) as refusal:
            await decide(viewer=reviewer, application_id=submitted.id, reason=reason, now=time.now)
        assert refusal.value.path == ("input", "reason")

    assert (await ProgrammeApplication.get(id=submitted.id)).status is Status.SUBMITTED
    assert not await Mail.exists()


async def test_leaving_is_written_down_and_ends_the_validity(time: Clock) -> None:
    """P-20."""
    partner = await a_company()
    member = await a_membership(
        of=partner, programme=await a_programme(validity_months=1), now=time.now
    )

    time.forward(days=1)
    left = await reviews.exit(
        viewer=await a_reviewer(),
        application_id=member.id,
        reason="Asked for by mail on 1 February.",
        now=time.now,
    )

    assert (left.status, left.ended_at) == (Status.EXITED, time.now)
    assert [timer.state for timer in await Timer.all()] == ["CANCELLED"]
    event = await Event.get(name="programme_application.exited")
    assert event.reason == "Asked for by mail on 1 February."


async def test_who_is_no_member_any_more_can_not_leave(time: Clock) -> None:
    member = await a_membership(
        of=await a_company(), programme=await a_programme(validity_months=1), now=time.now
    )
    assert member.expires_at is not None

    with pytest.raises(ApplicationExpired) as refusal:
        await reviews.exit(
            viewer=await a_reviewer(),
            application_id=member.id,
            reason="late",
            now=member.expires_at,
        )

    assert refusal.value.expired_at == member.expires_at
    assert (await ProgrammeApplication.get(id=member.id)).status is Status.APPROVED


@pytest.mark.parametrize(
    ("decide", "more"),
    [(reviews.approve, {}), (reviews.reject, {"reason": "no"}), (reviews.exit, {"reason": "no"})],
)
async def test_a_draft_is_not_decided_and_nobody_else_decides(
    time: Clock, decide: Decide, more: dict[str, str]
) -> None:
    partner = await a_company()
    draft = await a_draft(of=partner, programme=await a_programme(), now=time.now)

    for viewer, id, problem in (
        (await a_reviewer(), draft.id, WrongStatus),
        (await a_reviewer(), new_id(), NotFound),
        (await an_administrator(partner), draft.id, Forbidden),
        (await a_staff_viewer(Item.SPECIALIST_REVIEW), draft.id, Forbidden),
    ):
        with pytest.raises(problem):
            await decide(viewer=viewer, application_id=id, now=time.now, **more)

    stored = await ProgrammeApplication.get(id=draft.id)
    assert (stored.status, stored.version) == (Status.DRAFT, 1)
    assert not await Mail.exists()


@pytest.mark.parametrize("locale", ["zh", "en"])
@pytest.mark.parametrize("approved", [True, False])
def test_the_mail_about_a_decision_reads_well(time: Clock, locale: str, approved: bool) -> None:
    message = render(
        template="programme_decision",
        locale=locale,
        facts={
            "approved": approved,
            "reason": None if approved else "Blurred & torn.",
            "decided_at": "2030-01-31T23:30:00+00:00",
            "partner": "Acme",
            "programme": "CSP",
        },
        recipient="a@example.com",
        sender="b@example.com",
        id=new_id(),
        at=time.now,
    )

    subjects = {
        ("zh", True): "Acme 已加入CSP",
        ("zh", False): "CSP:申请未通过",
        ("en", True): "Acme has joined CSP",
        ("en", False): "CSP: the application was not accepted",
    }
    assert message["Subject"] == subjects[locale, approved]
    text = message.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    html = message.get_body(("html",)).get_content()  # type: ignore[union-attr]
    assert ("Blurred & torn." in text, "Blurred &amp; torn." in html) == (not approved,) * 2

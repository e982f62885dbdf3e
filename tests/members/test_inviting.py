"""Inviting: who may, what is checked, what is written (M-01, M-02, M-03, domain.md 5.2)."""

from datetime import timedelta

import pytest

from domain.identity.items import Item
from domain.identity.presets import Preset
from domain.identity.viewer import ANONYMOUS, Unauthenticated
from domain.members import checks, invitations
from domain.members.checks import (
    AccountNotInvitable,
    AlreadyMember,
    MemberCheck,
    MemberCheckFailed,
    Uninvitable,
)
from domain.members.invitations import AlreadyInvited
from kit import links
from kit.problems import Forbidden, InvalidInput
from models.audit import Event
from models.identity import AccountKind, Operator, Person, RealName
from models.members import MemberInvitation, MemberInvitationStatus
from models.notifications import Mail
from models.partners import Site
from models.timers import Timer
from tests.conftest import Clock
from tests.factories import (
    a_former_link,
    a_member,
    a_partner,
    a_person,
    a_staff_viewer,
    an_administrator,
    an_invitation,
    an_operator,
    as_operator,
    as_person,
)

pytestmark = pytest.mark.usefixtures("database")


async def nothing_was_written() -> bool:
    return not (
        await MemberInvitation.exists()
        or await Event.exists()
        or await Timer.exists()
        or await Mail.exists()
    )


async def test_an_invitation_is_open_for_seven_times_24_hours(time: Clock) -> None:
    """M-02."""
    partner = await a_partner("Acme")
    person = await a_person("Li Lei", email="lilei@example.com")
    administrator = await an_administrator(of=partner)

    sent = await invitations.invite(
        viewer=administrator, email=" LiLei@Example.com ", message=" Welcome ", now=time.now
    )

    stored = await MemberInvitation.get(id=sent.invitation.id)
    assert (stored.partner_id, stored.person_id) == (partner.id, person.id)
    assert stored.email == "lilei@example.com"
    assert stored.status is MemberInvitationStatus.PENDING
    assert stored.message == "Welcome"
    assert stored.sent_at == time.now
    assert stored.expires_at == time.now + timedelta(hours=168)


async def test_its_link_is_told_once_and_stored_only_as_a_digest(time: Clock) -> None:
    partner = await a_partner()
    person = await a_person()

    sent = await invitations.invite(
        viewer=await an_administrator(of=partner), email=person.email, now=time.now
    )

    address, _, token = sent.link.partition("#")
    assert address == "http://127.0.0.1:8000/invitations/member"
    assert token.startswith(sent.invitation.id.hex)
    assert sent.invitation.token_hash == links.digest(token)
    assert token not in str(await Mail.all().values())
    assert token not in str(await Event.all().values())


async def test_an_invitation_comes_with_its_event_its_timers_and_its_mail(time: Clock) -> None:
    partner = await a_partner("Acme")
    invitation = await an_invitation(of=partner, now=time.now)

    [event] = await Event.all()
    assert (event.name, event.subject_id) == ("member_invitation.sent", invitation.id)
    assert (event.tenant_id, event.person_id) == (partner.id, invitation.person_id)
    assert event.actor_name == "Han Meimei"
    timers = await Timer.all().order_by("due_at")
    assert [(t.kind, t.due_at, t.on_timeout) for t in timers] == [
        ("member_invitation.remind", time.now + timedelta(days=6), "REMIND"),
        ("member_invitation.expire", time.now + timedelta(days=7), "EXPIRE"),
    ]
    [mail] = await Mail.all()
    assert (mail.recipient, mail.template) == (invitation.email, "member_invitation")
    assert mail.facts["partner"] == "Acme"


@pytest.mark.parametrize("role", [Preset.ACCOUNT_MANAGER, Preset.SUPERVISOR, Preset.FINANCE])
async def test_only_the_administrator_invites(time: Clock, role: Preset) -> None:
    """M-01."""
    operator = await as_operator(await an_operator(of=await a_partner(), role=role))
    person = await a_person()

    with pytest.raises(Forbidden):
        await invitations.invite(viewer=operator, email=person.email, now=time.now)

    assert await nothing_was_written()


async def test_neither_staff_nor_a_person_nor_a_stranger_invites(time: Clock) -> None:
    """M-01."""
    person = await a_person()
    staff = await a_staff_viewer(Item.SPECIALIST_REVIEW, Item.MEMBER_MANAGE)

    for viewer in (staff, await as_person(person)):
        with pytest.raises(Forbidden):
            await invitations.invite(viewer=viewer, email=person.email, now=time.now)
    with pytest.raises(Unauthenticated):
        await invitations.invite(viewer=ANONYMOUS, email=person.email, now=time.now)

    assert await nothing_was_written()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "lilei",
        "lilei@",
        "@example.com",
        "li lei@example.com",
        "a@b",
        "a@example.com\nBcc: b@c.cn",
    ],
)
async def test_what_is_no_mail_address_is_refused(time: Clock, text: str) -> None:
    administrator = await an_administrator(of=await a_partner())

    with pytest.raises(InvalidInput) as refusal:
        await invitations.invite(viewer=administrator, email=text, now=time.now)

    assert refusal.value.path == ("input", "email")
    assert await nothing_was_written()


async def test_a_message_of_501_characters_is_refused(time: Clock) -> None:
    administrator = await an_administrator(of=await a_partner())
    person = await a_person()

    with pytest.raises(InvalidInput):
        await invitations.invite(
            viewer=administrator, email=person.email, message="x" * 501, now=time.now
        )

    assert await nothing_was_written()


@pytest.mark.parametrize(
    ("reason", "account"),
    [
        (Uninvitable.OTHER_SITE, {"site": Site.INTERNATIONAL}),
        (Uninvitable.ENTERPRISE_ACCOUNT, {"account_kind": AccountKind.ENTERPRISE}),
        (Uninvitable.IAM_CHILD_ACCOUNT, {"account_kind": AccountKind.IAM_CHILD}),
        (Uninvitable.UNKNOWN_ACCOUNT, {"disabled_at": Clock().now}),
    ],
)
async def test_only_personal_accounts_of_the_same_site_are_invitable(
    time: Clock, reason: Uninvitable, account: dict[str, object]
) -> None:
    """M-05."""
    administrator = await an_administrator(of=await a_partner())
    person = await a_person(**account)  # type: ignore[arg-type]

    with pytest.raises(AccountNotInvitable) as refusal:
        await invitations.invite(viewer=administrator, email=person.email, now=time.now)

    assert refusal.value.reason is reason
    assert await nothing_was_written()


async def test_an_address_that_nobody_has_is_not_invitable(time: Clock) -> None:
    """M-05."""
    administrator = await an_administrator(of=await a_partner())

    with pytest.raises(AccountNotInvitable) as refusal:
        await invitations.invite(viewer=administrator, email="nobody@example.com", now=time.now)

    assert refusal.value.reason is Uninvitable.UNKNOWN_ACCOUNT


async def failures(time: Clock, person: Person) -> list[MemberCheck]:
    administrator = await an_administrator(of=await a_partner("The inviter"))
    with pytest.raises(MemberCheckFailed) as refusal:
        await invitations.invite(viewer=administrator, email=person.email, now=time.now)
    assert not await MemberInvitation.exists(person_id=person.id, status="PENDING")
    return [check.code for check in refusal.value.checks]


async def test_v1_an_enterprise_real_name_fails(time: Clock) -> None:
    person = await a_person(real_name=RealName.ENTERPRISE)

    assert await failures(time, person) == [MemberCheck.V1_ENTERPRISE_REAL_NAME]


async def test_v2_a_link_with_another_partner_fails(time: Clock) -> None:
    member = await a_member(of=await a_partner("Another"), now=time.now - timedelta(days=30))

    person = await Person.get(id=member.person_id)
    assert await failures(time, person) == [MemberCheck.V2_LINKED_WITH_PARTNER]


async def test_v3_an_unverified_account_of_the_china_site_fails(time: Clock) -> None:
    person = await a_person(real_name=RealName.NONE)

    assert await failures(time, person) == [MemberCheck.V3_NOT_REAL_NAME_VERIFIED]


async def test_v3_asks_nothing_of_the_international_site(time: Clock) -> None:
    partner = await a_partner(site=Site.INTERNATIONAL)
    person = await a_person(real_name=RealName.NONE, site=Site.INTERNATIONAL)

    sent = await invitations.invite(
        viewer=await an_administrator(of=partner), email=person.email, now=time.now
    )

    assert sent.invitation.status is MemberInvitationStatus.PENDING


async def test_v4_an_operator_of_any_partner_fails(time: Clock) -> None:
    person = await a_person()
    await an_operator(of=await a_partner("Another"), person=person, role=Preset.FINANCE)

    assert await failures(time, person) == [MemberCheck.V4_PARTNER_ACCOUNT]


async def test_v4_an_operator_whose_seat_was_removed_passes(time: Clock) -> None:
    person = await a_person()
    operator = await an_operator(of=await a_partner("Another"), person=person)
    await Operator.filter(id=operator.id).update(removed_at=time.now)

    assert await an_invitation(of=await a_partner(), to=person, now=time.now)


YEAR = timedelta(days=365)
TICK = timedelta(microseconds=1)


@pytest.mark.parametrize(
    ("ended", "fails"),
    [(YEAR - TICK, True), (YEAR, False), (YEAR + TICK, False)],
    ids=["within the year", "a year ago", "before"],
)
async def test_v5_counts_links_in_effect_within_the_preceding_365_days(
    time: Clock, ended: timedelta, fails: bool
) -> None:
    person = await a_person()
    for name in ("A", "B"):
        await a_former_link(
            person, of=await a_partner(name), since=time.now - 3 * YEAR, until=time.now - TICK
        )
    await a_former_link(
        person, of=await a_partner("C"), since=time.now - 3 * YEAR, until=time.now - ended
    )

    if fails:
        assert await failures(time, person) == [MemberCheck.V5_THREE_PARTNERS_IN_A_YEAR]
    else:
        assert await an_invitation(of=await a_partner("D"), to=person, now=time.now)


async def test_v5_counts_each_partner_once(time: Clock) -> None:
    person = await a_person()
    partner = await a_partner()
    for days in (90, 60, 30):
        await a_former_link(
            person,
            of=partner,
            since=time.now - timedelta(days=days),
            until=time.now - timedelta(days=days - 10),
        )

    assert await an_invitation(of=partner, to=person, now=time.now)


async def test_all_failures_are_named_at_once_with_their_rule(time: Clock) -> None:
    person = await a_person(real_name=RealName.NONE)
    await an_operator(of=await a_partner("Another"), person=person)
    administrator = await an_administrator(of=await a_partner())

    with pytest.raises(MemberCheckFailed) as refusal:
        await invitations.invite(viewer=administrator, email=person.email, now=time.now)

    assert [(check.code.value, check.rule) for check in refusal.value.checks] == [
        ("V3_NOT_REAL_NAME_VERIFIED", "M-03"),
        ("V4_PARTNER_ACCOUNT", "M-03"),
    ]
    assert refusal.value.in_words("en") == (
        "The account fails these checks: The account isn't real-name verified, as the China site "
        "asks. The account is itself a partner's account."
    )
    assert "个人帐号未完成实名认证。" in refusal.value.in_words("zh-CN")


async def test_who_is_a_member_is_not_invited_again(time: Clock) -> None:
    partner = await a_partner()
    person = await a_person()
    await a_member(of=partner, person=person, now=time.now)

    with pytest.raises(AlreadyMember):
        await an_invitation(of=partner, to=person, now=time.now)


async def test_a_second_invitation_waits_for_the_first(time: Clock) -> None:
    partner = await a_partner()
    person = await a_person()
    first = await an_invitation(of=partner, to=person, now=time.now)

    time.forward(days=7, microseconds=-1)
    with pytest.raises(AlreadyInvited) as refusal:
        await an_invitation(of=partner, to=person, now=time.now)

    assert refusal.value.expires_at == first.expires_at
    assert await MemberInvitation.all().count() == 1


async def test_an_overdue_invitation_is_lapsed_before_the_next_is_sent(time: Clock) -> None:
    """M-02, with no worker running."""
    partner = await a_partner()
    person = await a_person()
    first = await an_invitation(of=partner, to=person, now=time.now)

    time.forward(days=7)
    second = await an_invitation(of=partner, to=person, now=time.now)

    await first.refresh_from_db()
    assert first.status is MemberInvitationStatus.EXPIRED
    assert first.decided_at == first.expires_at
    assert second.expires_at == time.now + timedelta(days=7)
    names = [event.name for event in await Event.filter(subject_id=first.id).order_by("id")]
    assert names == ["member_invitation.sent", "member_invitation.expired"]
    assert {timer.state for timer in await Timer.filter(subject_id=first.id)} == {"CANCELLED"}


async def test_two_partners_may_court_the_same_person(time: Clock) -> None:
    person = await a_person()

    await an_invitation(of=await a_partner("A"), to=person, now=time.now)
    await an_invitation(of=await a_partner("B"), to=person, now=time.now)

    assert await MemberInvitation.filter(person_id=person.id, status="PENDING").count() == 2


def test_every_check_has_texts_and_the_rule() -> None:
    for code in MemberCheck:
        failed = checks.FailedMemberCheck(code)
        assert failed.rule == "M-03"
        assert failed.in_words("zh")
        assert failed.in_words("en") != failed.in_words("zh")

"""Whoever has to decide is told so by mail, in his language, once it is his turn."""

import pytest

from domain.associations import authorizations, deciding
from domain.identity.items import Item
from domain.notifications.rendering import render
from kit.ids import new_id
from models.identity import Person
from models.notifications import Mail
from tests.authorizations.factories import a_request, a_reseller_and_its_distributor
from tests.changes.factories import AGENCY, a_switch, an_end, both_sides
from tests.conftest import Clock
from tests.customers.factories import a_manager
from tests.factories import a_staff_viewer

pytestmark = pytest.mark.usefixtures("database")


async def told() -> list[tuple[str, str]]:
    """Who was told what, in the order of the mails."""
    mails = await Mail.all().order_by("id")
    return [(mail.recipient, mail.facts["what"]) for mail in mails]


async def test_the_side_that_was_asked_is_told(time: Clock) -> None:
    sides, others = await both_sides(), await both_sides()
    await a_manager(others.house)
    await a_switch(sides, now=time.now)
    await an_end(others, by=others.buyer, now=time.now)

    assert await told() == [
        (sides.buyer.email, "a switch of the association's type"),
        (others.partner.email, "the end of the association"),
    ]


async def test_after_a_review_and_not_before(time: Clock) -> None:
    sides = await both_sides(AGENCY)
    await Person.filter(id=sides.buyer.person_id).update(locale="zh")
    change = await an_end(sides, now=time.now)
    assert await told() == []

    reviewer = await a_staff_viewer(Item.ASSOCIATION_REVIEW)
    await deciding.review_pass(viewer=reviewer, change_id=change.id, now=time.now)

    assert await told() == [(sides.buyer.email, "解除关联申请")]


async def test_a_distributor_is_told_first_and_the_customer_after_it(time: Clock) -> None:
    sides, distributor = await a_reseller_and_its_distributor()
    made = await a_request(sides, now=time.now)
    assert await told() == [(distributor.email, "leave to act on behalf of Yangtze")]

    await authorizations.endorse(viewer=distributor, authorization_id=made.id, now=time.now)

    assert (await told())[1:] == [(sides.buyer.email, "leave to act on behalf of Yangtze")]


@pytest.mark.parametrize(
    ("locale", "subject"),
    [("en", "Acme asks you to decide: x"), ("zh", "Acme发起了x,请处理")],
)
async def test_the_mail_says_who_asks_for_what_and_why(
    time: Clock, locale: str, subject: str
) -> None:
    message = render(
        template="association_to_decide",
        locale=locale,
        facts={"asker": "Acme", "what": "x", "reason": "Because <b>"},
        recipient="li@example.com",
        sender="PC <pc@example.com>",
        id=new_id(),
        at=time.now,
    )

    text, html = message.iter_parts()
    assert message["Subject"] == subject
    assert "Because <b>" in text.get_content()
    assert "Because &lt;b&gt;" in html.get_content()

"""Who is asked by mail to confirm incentives and to review applications (I-14): once each."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from domain.identity.items import Item
from domain.incentives import applying, manual
from domain.incentives.policies import Step
from domain.notifications.rendering import render
from models.identity import Person
from models.incentives import Incentive, IncentivePolicy, PaysBy
from models.notifications import Mail
from models.order_states import PolicyScene
from models.payment_applications import ApplicationKind
from tests.conftest import Clock
from tests.consumption.factories import buy
from tests.factories import a_partner, a_staff_viewer, an_administrator
from tests.incentives.factories import (
    a_policy,
    certified,
    confirmed,
    earned,
    estimate,
    finish,
    the_platform,
)
from tests.orders.factories import Shop, lend
from tests.statements.factories import mails

pytestmark = pytest.mark.usefixtures("database")

MARCH = datetime(2030, 3, 1, tzinfo=UTC)
TO_CONFIRM = "incentive_to_confirm"


async def shown(template: str, locale: str) -> tuple[str, str, str]:
    """A mail of this template as it is read: its subject, its text, its page."""
    queued = await Mail.filter(template=template).order_by("id").first()
    assert queued is not None
    message = render(
        template=template,
        locale=locale,
        facts=queued.facts,
        recipient=queued.recipient,
        sender="a@b.example",
        id=queued.id,
        at=MARCH,
    )
    text, page = message.get_body(("plain",)), message.get_body(("html",))
    assert text is not None
    assert page is not None
    return message["Subject"], text.get_content(), page.get_content()


async def email_of(shop: Shop) -> str:
    return (await Person.get(id=shop.by.person_id)).email


async def test_each_who_may_confirm_and_the_bound_mailbox_are_asked_once(
    shop: Shop, time: Clock
) -> None:
    await an_administrator(await a_partner("Elsewhere"))
    shop.partner.contact_email = "office@acme.example"
    await shop.partner.save(update_fields=["contact_email"])
    await a_policy(now=time.now)
    await buy(shop, now=time.now)

    await finish(2030, 2, now=MARCH)
    await estimate(MARCH)

    incentive = await earned()
    assert await mails(TO_CONFIRM) == sorted(["office@acme.example", await email_of(shop)])
    [facts] = [each.facts for each in await Mail.filter(recipient="office@acme.example")]
    assert facts | {"partner": "", "policy": ""} == {
        "number": incentive.number,
        "period": "2030-02",
        "partner": "",
        "policy": "",
        "amount": "10.00 CNY",
        "frozen": None,
        "due_at": "2030-03-08T00:00:00Z",
    }


async def test_somebody_who_reads_the_bound_mailbox_gets_one_mail(shop: Shop, time: Clock) -> None:
    shop.partner.contact_email = await email_of(shop)
    await shop.partner.save(update_fields=["contact_email"])
    await a_policy(now=time.now)
    await buy(shop, now=time.now)

    await finish(2030, 2, now=MARCH)

    assert await mails(TO_CONFIRM) == [await email_of(shop)]


async def test_it_says_until_when_and_what_is_frozen_in_both_languages(
    shop: Shop, time: Clock
) -> None:
    await a_policy(now=time.now)
    await lend(shop.customer, "600.00", now=time.now)
    await buy(shop, credit_amount=Decimal("600.00"), now=time.now)
    await finish(2030, 2, now=MARCH)

    for locale in ("en", "zh"):
        subject, text, page = await shown(TO_CONFIRM, locale)
        assert "2030-03-08 08:00" in subject
        for body in (text, page):
            assert "10.00 CNY" in body
            assert "6.00 CNY" in body
            assert (await earned()).number in body


async def test_nobody_is_asked_about_nothing(shop: Shop, time: Clock) -> None:
    await a_policy(now=time.now, ladder=[Step(Decimal(5000), Decimal("0.01"))])
    await buy(shop, now=time.now)

    await finish(2030, 2, now=MARCH)

    assert (await earned()).amount == 0
    assert await mails(TO_CONFIRM) == []


async def test_what_the_platform_enters_is_asked_about_too(shop: Shop, time: Clock) -> None:
    policy: IncentivePolicy = await a_policy(
        "BASE",
        now=time.now,
        scene=PolicyScene.OPERATIONS_BASE,
        pays_by=PaysBy.MANUAL,
        ladder=[],
    )

    await manual.enter(
        viewer=await the_platform(),
        partner_id=shop.partner.id,
        code=policy.code,
        period="2030-02",
        amount=Decimal("88.00"),
        reason="As agreed.",
        now=MARCH,
    )

    assert await mails(TO_CONFIRM) == [await email_of(shop)]


async def test_reviewers_learn_of_an_application_when_it_is_handed_in(
    shop: Shop, time: Clock
) -> None:
    reviewer = await a_staff_viewer(Item.SETTLEMENT_REVIEW)
    await a_staff_viewer(Item.OPERATE)
    await a_policy(now=time.now)
    await certified(shop.partner)
    await buy(shop, now=time.now)
    await finish(2030, 2, now=MARCH)
    incentive: Incentive = await confirmed(shop.by, await earned(), now=MARCH)
    draft = await applying.create(
        viewer=shop.by, kind=ApplicationKind.SINGLE, incentive_ids=[incentive.id], now=MARCH
    )
    assert await mails("payment_application_to_review") == []

    await applying.submit(viewer=shop.by, application_id=draft.id, now=MARCH)

    asked = await mails("payment_application_to_review")
    assert (await Person.get(id=reviewer.person_id)).email in asked
    assert len(asked) == len(set(asked))
    for locale in ("en", "zh"):
        subject, text, page = await shown("payment_application_to_review", locale)
        assert draft.number in subject
        assert "10.00 CNY" in text
        assert "10.00 CNY" in page

"""Stored-value cards: who has an unspent one doesn't become an agency customer (C-18)."""

from datetime import datetime

import pytest

from domain.associations import accepting, changes
from kit.transaction import transactional
from models.associations import ChangeKind
from models.customers import AssociationType, Customer
from models.vouchers import Coupon
from tests.conftest import Clock
from tests.customers.factories import a_customer
from tests.factories import a_partner
from tests.vouchers.factories import AGENCY, REFERRAL, a_card, redeemed

pytestmark = pytest.mark.usefixtures("database")

UNSPENT = "UNSPENT_STORED_CARD"


async def to_associate(customer: Customer, type: AssociationType, now: datetime) -> list[str]:
    """What stands in the way of a first association."""
    failed = await accepting.judge(
        customer, partner=await a_partner("Rival"), type=type, report=None, now=now
    )
    return [check.code.value for check in failed]


@transactional
async def to_switch(customer: Customer, to: AssociationType, now: datetime) -> list[str]:
    """What stands in the way of a switch."""
    failed = await changes.failures(customer, ChangeKind.SWITCH, to, now)
    return [check.code.value for check in failed]


async def test_a_card_keeps_from_agency_until_it_is_spent_or_over(time: Clock) -> None:
    stranger = await a_customer("Pearl River")
    referral = await a_customer(of=await a_partner(), type=REFERRAL)
    cards = [await a_card(each, 1000, now=time.now) for each in (stranger, referral)]

    assert await to_associate(stranger, AGENCY, time.now) == [UNSPENT]
    assert await to_associate(stranger, REFERRAL, time.now) == []
    assert await to_switch(referral, AGENCY, time.now) == [UNSPENT]
    assert await to_associate(stranger, AGENCY, cards[0].expires_at) == []

    for card, customer in zip(cards, (stranger, referral), strict=True):
        await redeemed(customer, {card.id: None}, now=time.now)
        assert (await Coupon.get(id=card.id)).balance == 0
    assert await to_associate(stranger, AGENCY, time.now) == []
    assert await to_switch(referral, AGENCY, time.now) == []

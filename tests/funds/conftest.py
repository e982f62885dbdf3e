"""Acme with an agency customer and a referral customer; a distributor with a reseller."""

from dataclasses import dataclass

import pytest

from domain.identity.items import Item
from domain.identity.viewer import Viewer
from models.customers import AssociationType, Customer
from models.ledger import LedgerAccount
from models.partners import Partner
from tests.conftest import Clock
from tests.customers.conftest import ask
from tests.customers.factories import a_customer, a_user_of
from tests.factories import a_partner, a_staff_viewer, an_administrator
from tests.ledger.factories import an_account

__all__ = ["ask"]


@dataclass
class Scene:
    """Who takes part. Acme has 1000, its customers nothing."""

    partner: Partner
    by: Viewer
    cash: LedgerAccount
    customer: Customer
    purse: LedgerAccount
    referral: Customer
    buyer: Viewer
    own: LedgerAccount
    platform: Viewer


@pytest.fixture
async def scene(time: Clock) -> Scene:
    """As `a_scene`."""
    return await a_scene(time)


async def a_scene(time: Clock) -> Scene:
    """Yangtze spends what Acme gives it; Pearl, a referral customer, its own money."""
    partner = await a_partner()
    customer = await a_customer(of=partner, type=AssociationType.AGENCY)
    referral = await a_customer("Pearl", of=partner)
    return Scene(
        partner=partner,
        by=await an_administrator(partner),
        cash=await an_account(partner, 1000, now=time.now),
        customer=customer,
        purse=await an_account(customer, now=time.now),
        referral=referral,
        buyer=await a_user_of(referral),
        own=await an_account(referral, now=time.now),
        platform=await a_staff_viewer(Item.FUNDS_REVIEW),
    )

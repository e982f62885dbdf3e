"""A partner in the programme, its customer, goods that it may offer; and questions to the API."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from domain.identity.items import Item
from domain.identity.viewer import Viewer
from kit import links
from models.catalogue import Goods
from models.customers import Customer
from models.partners import Partner
from tests.catalogue.factories import some_goods
from tests.conftest import Clock
from tests.customers.conftest import ask
from tests.customers.factories import a_customer
from tests.factories import a_partner, a_staff_viewer, an_administrator
from tests.offers.factories import joined

__all__ = ["ask"]


@dataclass
class Scene:
    """Who takes part."""

    partner: Partner
    by: Viewer
    customer: Customer
    goods: Goods
    platform: Viewer


@pytest.fixture
async def scene(time: Clock) -> Scene:
    """Acme is in the programme, Yangtze its customer; 85 % of the goods' price is authorized."""
    partner = await joined(await a_partner())
    return Scene(
        partner=partner,
        by=await an_administrator(partner),
        customer=await a_customer(of=partner),
        goods=await some_goods(),
        platform=await a_staff_viewer(Item.OFFER_REVIEW),
    )


@pytest.fixture(autouse=True)
def _address() -> Iterator[None]:
    links.configure("https://partners.example")
    yield
    links.configure("http://127.0.0.1:8000")

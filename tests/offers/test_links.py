"""Private links: for the customer alone, as long as the offer is in force, each opening counted."""

import pytest

from domain.identity.viewer import ANONYMOUS, Unauthenticated
from domain.offers import deadlines, links, withdrawing
from kit.problems import NotFound
from models.offers import ExclusiveOffer
from tests.conftest import Clock
from tests.customers.factories import a_user_of
from tests.factories import a_customer_user_viewer, a_person, as_person
from tests.offers.conftest import Scene
from tests.offers.factories import DAY, MICROSECOND, a_scheduled_offer, link_of, token_of

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
async def offer(scene: Scene, time: Clock) -> ExclusiveOffer:
    """In force from tomorrow on, though no worker comes by."""
    return await a_scheduled_offer(scene.goods, by=scene.by, of=scene.customer, now=time.now)


async def test_a_user_of_the_customer_opens_it_and_every_time_counts(
    scene: Scene, offer: ExclusiveOffer
) -> None:
    buyer, token = await a_user_of(scene.customer), await token_of(offer)
    last = offer.expires_at - MICROSECOND

    for now in (offer.effective_at, offer.effective_at + DAY, last):
        shown = await links.open_link(viewer=buyer, token=token, now=now)
        assert shown.id == offer.id

    link = await link_of(offer)
    assert (link.opened, link.last_opened_at) == (3, last)


async def test_before_its_beginning_and_from_its_end_on_it_opens_nothing(
    scene: Scene, offer: ExclusiveOffer
) -> None:
    buyer, token = await a_user_of(scene.customer), await token_of(offer)

    for now in (offer.effective_at - MICROSECOND, offer.expires_at):
        with pytest.raises(NotFound):
            await links.open_link(viewer=buyer, token=token, now=now)

    assert (await link_of(offer)).opened == 0


async def test_whoever_else_finds_it_learns_nothing(scene: Scene, offer: ExclusiveOffer) -> None:
    token, now = await token_of(offer), offer.effective_at
    others = [
        await a_customer_user_viewer(await a_person("Other buyer")),
        await as_person(await a_person("Nobody")),
        scene.by,
        scene.platform,
    ]

    refusals = set()
    for viewer in others:
        for tried in (token, token[:-1] + ("a" if token[-1] != "a" else "b"), "nonsense", ""):
            with pytest.raises(NotFound) as refused:
                await links.open_link(viewer=viewer, token=tried, now=now)
            refusals.add((refused.value.in_words(), refused.value.path))

    assert refusals == {("There is no such private link.", ("input", "token"))}
    with pytest.raises(Unauthenticated):
        await links.open_link(viewer=ANONYMOUS, token=token, now=now)
    assert (await link_of(offer)).opened == 0


async def test_it_dies_with_its_offer(scene: Scene, offer: ExclusiveOffer) -> None:
    buyer, token = await a_user_of(scene.customer), await token_of(offer)
    now = offer.effective_at
    await deadlines.start(subject_ids=[offer.id], now=now)
    await links.open_link(viewer=buyer, token=token, now=now)

    await withdrawing.withdraw(viewer=scene.by, offer_id=offer.id, now=now)

    with pytest.raises(NotFound):
        await links.open_link(viewer=buyer, token=token, now=now)
    assert (await link_of(offer)).opened == 1


async def test_half_a_character_is_no_token(scene: Scene, offer: ExclusiveOffer) -> None:
    buyer = await a_user_of(scene.customer)

    for token in ("\ud800", "\x00", "0" * 100_000):
        with pytest.raises(NotFound):
            await links.open_link(viewer=buyer, token=token, now=offer.effective_at)

"""Special commercial applications: taken up, granted as far as needed, refused (X-04…X-06)."""

from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest

from domain.offers import applications, deadlines
from domain.offers.applications import GrantTooHigh
from domain.offers.checks import OfferCheck, OfferCheckFailed
from domain.offers.guards import OfferExpired
from kit.problems import Forbidden, InvalidInput, NotFound
from kit.status import WrongStatus
from models.audit import Event
from models.catalogue import Goods
from models.offers import (
    ApplicationStatus,
    ExclusiveOffer,
    OfferStatus,
    PrivateLink,
    SpecialApplication,
)
from models.timers import Timer
from tests.conftest import Clock
from tests.factories import a_partner, an_administrator
from tests.offers.conftest import Scene
from tests.offers.factories import MICROSECOND, an_application, history

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
async def asked(scene: Scene, time: Clock) -> SpecialApplication:
    """For half the price, from tomorrow on."""
    return await an_application(scene.goods, by=scene.by, of=scene.customer, now=time.now)


async def offer_of(application: SpecialApplication) -> ExclusiveOffer:
    return await ExclusiveOffer.get(id=application.offer_id)


async def granted(scene: Scene, application: SpecialApplication, now: datetime, **how: Any) -> Any:
    given: dict[str, Any] = {"granted_floor": Decimal("0.5"), "crm_number": "CRM-1"} | how
    return await applications.grant(
        viewer=scene.platform, application_id=application.id, **given, now=now
    )


async def nothing_happened(application: SpecialApplication) -> None:
    now = await SpecialApplication.get(id=application.id)
    assert (now.status, now.version) == (application.status, application.version)
    assert (await offer_of(application)).status is OfferStatus.MANUAL_REVIEW
    assert not await PrivateLink.exists()


async def test_taken_then_granted_it_waits_for_its_moment(
    scene: Scene, asked: SpecialApplication, time: Clock
) -> None:
    await applications.take(
        viewer=scene.platform, application_id=asked.id, crm_number=" CRM-7 ", now=time.now
    )
    done = await granted(scene, asked, time.now, granted_floor=Decimal("0.45"), crm_number=None)

    assert (done.status, done.crm_number) == (ApplicationStatus.GRANTED, "CRM-7")
    assert (done.granted_floor, done.decided_at) == (Decimal("0.45"), time.now)
    assert done.decided_by == scene.platform.person_id
    offer = await offer_of(asked)
    assert (offer.status, offer.floor) == (OfferStatus.SCHEDULED, Decimal("0.45"))
    assert offer.decided_at == time.now
    assert await PrivateLink.filter(offer_id=offer.id).exists()
    timers = {timer.kind: timer.due_at for timer in await Timer.filter(subject_id=offer.id)}
    assert timers == {deadlines.START: offer.effective_at, deadlines.END: offer.expires_at}
    assert await history(asked) == ["submitted", "taken", "granted"]
    assert await history(offer) == ["drafted", "submitted", "granted"]
    told = await Event.get(name="special_application.granted")
    assert told.after == {"status": "GRANTED", "granted_floor": "0.45", "crm_number": "CRM-7"}


async def test_granted_after_its_moment_it_is_in_force_at_once(
    scene: Scene, asked: SpecialApplication
) -> None:
    offer = await offer_of(asked)

    await granted(scene, asked, offer.effective_at)

    assert (await offer_of(asked)).status is OfferStatus.EFFECTIVE
    assert [timer.kind for timer in await Timer.filter(subject_id=offer.id)] == [deadlines.END]


async def test_at_its_end_nobody_decides_any_more(scene: Scene, asked: SpecialApplication) -> None:
    end = (await offer_of(asked)).expires_at
    by, id = scene.platform, asked.id

    for decide in (
        granted(scene, asked, end),
        applications.take(viewer=by, application_id=id, crm_number="1", now=end),
        applications.reject(viewer=by, application_id=id, reason="No.", now=end),
    ):
        with pytest.raises(OfferExpired) as over:
            await decide
        assert over.value.expired_at == end
    await nothing_happened(asked)

    await granted(scene, asked, end - MICROSECOND)
    assert (await offer_of(asked)).status is OfferStatus.EFFECTIVE


async def test_a_grant_must_reach_down_to_the_discount(
    scene: Scene, asked: SpecialApplication, time: Clock
) -> None:
    with pytest.raises(GrantTooHigh) as refused:
        await granted(scene, asked, time.now, granted_floor=Decimal("0.5001"))

    assert refused.value.granted_ratio == Decimal("0.5001")
    assert refused.value.discount_ratio == Decimal("0.5")
    await nothing_happened(asked)


@pytest.mark.parametrize(
    ("given", "path"),
    [
        ({"granted_floor": Decimal(0)}, "grantedFloorRatio"),
        ({"granted_floor": Decimal("1.1")}, "grantedFloorRatio"),
        ({"granted_floor": Decimal("0.12345")}, "grantedFloorRatio"),
        ({"crm_number": None}, "crmNumber"),
        ({"crm_number": " "}, "crmNumber"),
        ({"crm_number": "x" * 65}, "crmNumber"),
        ({"crm_number": "a\nb"}, "crmNumber"),
    ],
)
async def test_bad_input_is_named(
    scene: Scene, asked: SpecialApplication, time: Clock, given: dict[str, Any], path: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        await granted(scene, asked, time.now, **given)

    assert refused.value.path == ("input", path)
    await nothing_happened(asked)


async def test_nothing_is_granted_for_goods_that_left_the_store(
    scene: Scene, asked: SpecialApplication, time: Clock
) -> None:
    await Goods.filter(id=scene.goods.id).update(on_sale=False)

    with pytest.raises(OfferCheckFailed) as refused:
        await granted(scene, asked, time.now)

    assert [check.code for check in refused.value.checks] == [OfferCheck.GOODS_NOT_ON_SALE]
    await nothing_happened(asked)


async def test_refused_the_offer_is_over(
    scene: Scene, asked: SpecialApplication, time: Clock
) -> None:
    done = await applications.reject(
        viewer=scene.platform, application_id=asked.id, reason="Too low.", now=time.now
    )

    assert (done.status, done.refusal) == (ApplicationStatus.REJECTED, "Too low.")
    offer = await offer_of(asked)
    assert (offer.status, offer.refusal) == (OfferStatus.REJECTED, "Too low.")
    assert offer.ended_at == time.now
    assert [timer.state for timer in await Timer.all()] == ["CANCELLED"]
    assert await history(offer) == ["drafted", "submitted", "rejected"]
    with pytest.raises(WrongStatus):
        await granted(scene, asked, time.now)
    # It holds its place no longer.
    again = await an_application(scene.goods, by=scene.by, of=scene.customer, now=time.now)
    assert again.status is ApplicationStatus.SUBMITTED


async def test_it_is_taken_once(scene: Scene, asked: SpecialApplication, time: Clock) -> None:
    await applications.take(
        viewer=scene.platform, application_id=asked.id, crm_number="1", now=time.now
    )

    with pytest.raises(WrongStatus):
        await applications.take(
            viewer=scene.platform, application_id=asked.id, crm_number="2", now=time.now
        )
    assert (await SpecialApplication.get()).crm_number == "1"


async def test_only_the_platform_decides(
    scene: Scene, asked: SpecialApplication, time: Clock
) -> None:
    rival = await an_administrator(await a_partner("Rival"))
    for viewer in (scene.by, rival):
        for decide in (
            applications.grant(
                viewer=viewer,
                application_id=asked.id,
                granted_floor=Decimal("0.5"),
                crm_number="1",
                now=time.now,
            ),
            applications.reject(viewer=viewer, application_id=asked.id, reason="No.", now=time.now),
            applications.take(viewer=viewer, application_id=asked.id, crm_number="1", now=time.now),
        ):
            with pytest.raises(Forbidden):
                await decide
    with pytest.raises(NotFound):
        await applications.reject(
            viewer=scene.platform, application_id=asked.offer_id, reason="No.", now=time.now
        )
    await nothing_happened(asked)

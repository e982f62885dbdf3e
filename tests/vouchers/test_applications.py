"""Test vouchers that the platform's people apply for, at the end of the time asked for (V-05)."""

from datetime import timedelta
from decimal import Decimal

import pytest

from domain.identity.items import Item
from domain.identity.viewer import Viewer
from domain.vouchers import applications
from domain.vouchers.terms import Terms
from kit.problems import InvalidInput
from models.quotas import VoucherApplication, VoucherQuota
from tests.conftest import Clock
from tests.factories import a_partner, a_staff_viewer

pytestmark = pytest.mark.usefixtures("database")

MICROSECOND = timedelta(microseconds=1)


@pytest.fixture
async def staff(time: Clock) -> Viewer:
    return await a_staff_viewer(Item.TEST_VOUCHER_APPLY, Item.VOUCHER_GRANT)


async def a_draft(staff: Viewer, time: Clock) -> VoucherApplication:
    """For 500 until tomorrow."""
    return await applications.create(
        viewer=staff,
        partner_id=(await a_partner()).id,
        amount=Decimal(500),
        terms=Terms(expires_at=time.now + timedelta(days=1)),
        purpose="To try it.",
        now=time.now,
    )


async def test_a_draft_can_be_handed_in_until_its_time_is_over(staff: Viewer, time: Clock) -> None:
    late, timely = await a_draft(staff, time), await a_draft(staff, time)

    with pytest.raises(InvalidInput):
        await applications.submit(viewer=staff, application_id=late.id, now=late.expires_at)
    handed_in = await applications.submit(
        viewer=staff, application_id=timely.id, now=timely.expires_at - MICROSECOND
    )

    assert handed_in.status == "SUBMITTED"
    assert (await VoucherApplication.get(id=late.id)).status == "DRAFT"


async def test_what_is_over_is_not_approved_and_gives_nothing(staff: Viewer, time: Clock) -> None:
    waiting = await a_draft(staff, time)
    await applications.submit(viewer=staff, application_id=waiting.id, now=time.now)

    with pytest.raises(InvalidInput):
        await applications.approve(viewer=staff, application_id=waiting.id, now=waiting.expires_at)

    assert (await VoucherApplication.get()).status == "SUBMITTED"
    assert await VoucherQuota.all().count() == 0

"""Quota: given by the platform, passed on to resellers, taken back, held up, ended."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from domain.funds.allocating import ResellerNotYours
from domain.identity.items import Item
from domain.vouchers import holding, passing_on
from domain.vouchers.granting import NoQuotaForThisPartner
from domain.vouchers.passing_on import QuotaNotSufficient, ResellerIsLeaving
from domain.vouchers.quota_guards import (
    QuotaHeldUp,
    QuotaNotInForce,
    QuotaNotReclaimable,
    QuotaOfAnotherPartner,
)
from kit.ids import new_id
from kit.problems import Forbidden, InvalidInput, NotFound
from kit.status import WrongStatus
from models.catalogue import GoodsCategory
from models.partners import PartnerKind
from models.programmes import ProgrammeApplication
from models.quotas import QuotaKind, VoucherQuota
from models.quotas import QuotaStatus as Status
from models.timers import Timer
from tests.conftest import Clock
from tests.factories import LONG_AGO, a_partner, a_staff_viewer, an_administrator
from tests.programmes.factories import a_programme
from tests.vouchers.factories import (
    a_channel,
    a_quota,
    adds_up,
    expire_quotas,
    history,
    operations,
    passed_on,
)

pytestmark = pytest.mark.usefixtures("database")

MICROSECOND = timedelta(microseconds=1)
D = Decimal


async def test_quota_is_given_with_a_record_a_timer_and_a_history(time: Clock) -> None:
    quota = await a_quota(await a_partner(), "1000.50", now=time.now)

    assert (quota.value, quota.balance, quota.status) == (D("1000.50"), D("1000.50"), Status.NORMAL)
    assert await operations(quota) == [("GRANT", D("1000.50"))]
    assert await history(quota.id) == ["granted"]
    timer = await Timer.get(subject_id=quota.id)
    assert timer.due_at == quota.expires_at
    await adds_up()


async def test_resellers_and_merchants_get_none_from_the_platform(time: Clock) -> None:
    reseller = (await a_channel(now=time.now)).reseller
    merchant = await a_partner(kind=PartnerKind.MERCHANT)
    before = await VoucherQuota.all().count()

    for house in (reseller, merchant):
        with pytest.raises(NoQuotaForThisPartner):
            await a_quota(house, now=time.now)
    for amount in ("0", "-1", "0.001"):
        with pytest.raises(InvalidInput):
            await a_quota(await a_partner(), amount, now=time.now)
    assert await VoucherQuota.all().count() == before


async def test_vouchers_count_for_nothing(time: Clock) -> None:
    house = await a_partner()
    with pytest.raises(InvalidInput):
        await a_quota(house, counts_performance=True, now=time.now)
    quota = await a_quota(house, kind=QuotaKind.CASH_COUPON, counts_performance=True, now=time.now)
    assert quota.counts_performance


async def test_each_reseller_gets_as_much_on_the_same_terms(time: Clock) -> None:
    channel = await a_channel(1000, now=time.now, categories=[GoodsCategory.SAAS])
    other = await a_partner("Second Wall", distributor=channel.distributor)
    channel.by = await an_administrator(channel.distributor)

    made = await passed_on(channel, 300, channel.reseller, other, channel.reseller, now=time.now)

    assert [outcome.problem for outcome in made.outcomes] == [None, None]
    children = await VoucherQuota.filter(parent_id=channel.quota.id).order_by("id")
    assert [child.partner_id for child in children] == [channel.reseller.id, other.id]
    for child in children:
        assert (child.value, child.balance, child.kind) == (D(300), D(300), QuotaKind.VOUCHER)
        assert (child.expires_at, child.categories) == (channel.quota.expires_at, ["SAAS"])
        assert await history(child.id) == ["issued"]
        assert await Timer.filter(subject_id=child.id, state="SCHEDULED").count() == 1
    parent = await channel.fresh()
    assert (parent.balance, parent.to_quotas) == (D(400), D(600))
    assert await history(parent.id) == ["granted", "passed_on"]
    await adds_up()


async def test_who_comes_after_the_last_of_the_balance_gets_nothing(time: Clock) -> None:
    channel = await a_channel(500, now=time.now)
    others = [await a_partner(distributor=channel.distributor) for _ in range(2)]
    stranger = await a_partner(distributor=(await a_channel(now=time.now)).distributor)

    made = await passed_on(channel, 250, stranger, channel.reseller, *others, now=time.now)

    assert [type(outcome.problem) for outcome in made.outcomes] == [
        ResellerNotYours,
        type(None),
        type(None),
        QuotaNotSufficient,
    ]
    codes = [outcome.problem.code for outcome in made.outcomes if outcome.problem]
    assert codes == ["CBC.99000037", "CBC.99000013"]
    assert (await channel.fresh()).balance == D(0)
    await adds_up()


async def test_a_reseller_that_was_let_out_gets_none(time: Clock) -> None:
    channel = await a_channel(now=time.now)
    await ProgrammeApplication.create(
        created_at=LONG_AGO,
        partner_id=channel.reseller.id,
        programme_id=(await a_programme("RESELLER")).id,
        status="EXITED",
        created_by=new_id(),
    )

    made = await passed_on(channel, 1, now=time.now)

    [outcome] = made.outcomes
    assert isinstance(outcome.problem, ResellerIsLeaving)
    assert outcome.problem.code == "CBC.50010105"
    assert (await channel.fresh()).balance == D(1000)


@pytest.mark.parametrize("at", ["before", "last", "over"])
async def test_quota_is_passed_on_within_its_time_to_the_microsecond(time: Clock, at: str) -> None:
    begins = time.now + timedelta(days=1)
    channel = await a_channel(now=time.now, effective_at=begins)
    moment = {
        "before": begins - MICROSECOND,
        "last": channel.quota.expires_at - MICROSECOND,
        "over": channel.quota.expires_at,
    }[at]

    if at == "last":
        assert (await passed_on(channel, 1, now=moment)).quotas
        return
    with pytest.raises(QuotaNotInForce) as refused:
        await passed_on(channel, 1, now=moment)
    assert refused.value.code == "CBC.99000017"
    assert await VoucherQuota.filter(parent_id=channel.quota.id).count() == 0


async def test_what_was_passed_on_isnt_passed_on_again_nor_by_others(time: Clock) -> None:
    channel = await a_channel(now=time.now)
    made = await passed_on(channel, 100, now=time.now)
    [child] = made.quotas.values()

    with pytest.raises(QuotaOfAnotherPartner):
        await passing_on.issue(
            viewer=channel.by,
            quota_id=child,
            reseller_ids=[channel.reseller.id],
            amount=D(1),
            now=time.now,
        )
    with pytest.raises(NotFound):
        await passing_on.issue(
            viewer=channel.reseller_by,
            quota_id=channel.quota.id,
            reseller_ids=[channel.reseller.id],
            amount=D(1),
            now=time.now,
        )
    with pytest.raises(Forbidden):
        await passing_on.issue(
            viewer=await a_staff_viewer(Item.VOUCHER_GRANT),
            quota_id=channel.quota.id,
            reseller_ids=[channel.reseller.id],
            amount=D(1),
            now=time.now,
        )
    assert (await channel.fresh()).balance == D(900)


async def test_the_rest_is_taken_back_once(time: Clock) -> None:
    channel = await a_channel(now=time.now)
    [child] = (await passed_on(channel, 100, now=time.now)).quotas.values()
    wanted = [child, channel.quota.id, new_id(), child]

    outcomes = await passing_on.reclaim(viewer=channel.by, quota_ids=wanted, now=time.now)

    assert [type(outcome.problem) for outcome in outcomes] == [
        type(None),
        QuotaOfAnotherPartner,
        NotFound,
    ]
    quota = await VoucherQuota.get(id=child)
    assert (quota.status, quota.balance, quota.reclaimed) == (Status.RECLAIMED, D(0), D(100))
    assert (await channel.fresh()).balance == D(1000)
    assert await history(channel.quota.id) == ["granted", "passed_on", "taken_back"]
    assert await operations(quota) == [("ISSUE", D(100)), ("RECLAIM", D(100))]
    assert await Timer.filter(subject_id=child, state="SCHEDULED").count() == 0
    [again] = await passing_on.reclaim(viewer=channel.by, quota_ids=[child], now=time.now)
    assert isinstance(again.problem, QuotaNotReclaimable)
    assert again.problem.code == "CBC.99000012"
    await adds_up()


async def test_a_reseller_doesnt_take_its_own_back(time: Clock) -> None:
    channel = await a_channel(now=time.now)
    [child] = (await passed_on(channel, 100, now=time.now)).quotas.values()

    [outcome] = await passing_on.reclaim(
        viewer=channel.reseller_by, quota_ids=[child], now=time.now
    )

    assert isinstance(outcome.problem, QuotaOfAnotherPartner)
    assert (await VoucherQuota.get(id=child)).balance == D(100)


async def test_what_is_held_up_isnt_passed_on_until_it_is_let_go(time: Clock) -> None:
    channel = await a_channel(now=time.now)
    held: dict[str, Any] = {"viewer": channel.staff, "quota_id": channel.quota.id, "now": time.now}

    for hold, let_go, status in (
        (holding.freeze, holding.unfreeze, "FROZEN"),
        (holding.begin_adjustment, None, "ADJUSTING"),
    ):
        await hold(**held, reason="Let me see.")
        with pytest.raises(QuotaHeldUp) as refused:
            await passed_on(channel, 1, now=time.now)
        assert (refused.value.code, refused.value.status) == ("CBC.99000015", status)
        with pytest.raises(WrongStatus):
            await holding.freeze(**held, reason="Again.")
        if let_go:
            await let_go(**held, reason="All is well.")
        else:
            await holding.end_adjustment(**held, value=None, reason="All is well.")
    assert (await passed_on(channel, 1, now=time.now)).quotas
    assert await history(channel.quota.id) == [
        "granted",
        "frozen",
        "unfrozen",
        "adjustment_begun",
        "adjusted",
        "passed_on",
    ]


async def test_its_value_changes_but_not_below_what_was_issued(time: Clock) -> None:
    channel = await a_channel(1000, now=time.now)
    await passed_on(channel, 400, now=time.now)
    held: dict[str, Any] = {"viewer": channel.staff, "quota_id": channel.quota.id, "now": time.now}
    await holding.begin_adjustment(**held, reason="Too much.")

    with pytest.raises(QuotaNotSufficient):
        await holding.end_adjustment(**held, value=D("399.99"), reason="Too much.")
    assert (await channel.fresh()).value == D(1000)
    await holding.end_adjustment(**held, value=D(400), reason="Too much.")

    quota = await channel.fresh()
    assert (quota.value, quota.balance, quota.status) == (D(400), D(0), Status.NORMAL)
    assert await operations(quota) == [("GRANT", D(1000)), ("ADJUST", D(-600))]
    await adds_up()


async def test_the_platform_ends_it_for_good(time: Clock) -> None:
    channel = await a_channel(now=time.now)

    quota = await holding.invalidate(
        viewer=channel.staff, quota_id=channel.quota.id, reason="A mistake.", now=time.now
    )

    assert (quota.status, quota.balance, quota.lapsed) == (Status.INVALID, D(0), D(1000))
    with pytest.raises(QuotaHeldUp):
        await passed_on(channel, 1, now=time.now)
    assert await Timer.filter(subject_id=quota.id, state="SCHEDULED").count() == 0
    await adds_up()


@pytest.mark.parametrize("held", [False, True])
async def test_what_is_left_at_its_end_is_lost(time: Clock, held: bool) -> None:
    channel = await a_channel(now=time.now)
    if held:
        await holding.freeze(
            viewer=channel.staff, quota_id=channel.quota.id, reason="Stop.", now=time.now
        )
    ends = channel.quota.expires_at

    await expire_quotas(channel.quota, now=ends - MICROSECOND)
    assert (await channel.fresh()).balance == D(1000)
    await expire_quotas(channel.quota, now=ends)
    await expire_quotas(channel.quota, now=ends)

    quota = await channel.fresh()
    assert (quota.status, quota.balance, quota.lapsed) == (Status.INVALID, D(0), D(1000))
    assert quota.ended_at == ends
    assert (await operations(quota))[1:] == [("LAPSE", D(1000))]
    assert (await history(quota.id))[-1] == "expired"
    await adds_up()

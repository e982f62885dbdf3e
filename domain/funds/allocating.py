"""Giving agency customers and resellers money, and taking it back (拨款, 回收; F-01, F-10)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from domain.catalogue.amounts import positive
from domain.customers.policy import CUSTOMERS
from domain.funds.amounts import trans_id_of
from domain.funds.effects import REPLENISHED, Replenished
from domain.funds.moving import move
from domain.identity import permissions
from domain.identity.viewer import Viewer
from domain.ledger import accounts
from kit import texts
from kit.batches import MOST, ItemOutcome
from kit.money import Money
from kit.problems import InvalidInput, NotFound, Problem
from kit.transaction import savepoint, transactional
from models.customers import AssociationType, Customer
from models.funds import AdjustKind, AdjustRecord
from models.ledger import AccountKind
from models.partners import Partner

LONGEST_NOTE = 500


class NotASubCustomer(Problem):
    """The customer isn't associated with the partner whose balance is to be used."""

    code = "CBC.99000035"
    en = "This isn't a customer of that partner."
    zh = "该客户不是该伙伴的子客户。"


class ResellerNotYours(Problem):
    """A distributor moves money of its own resellers alone."""

    code = "CBC.99000037"
    en = "You have no right to this reseller."
    zh = "您没有操作该云经销商的权限。"


class FundsForAgencyOnly(Problem):
    """A referral customer pays for itself: its partner neither gives it money nor takes it back."""

    en = "Money is given to agency customers only, and taken back from them."
    zh = "仅支持对代售类客户拨款和回收。"


@dataclass(frozen=True, slots=True, kw_only=True)
class Allotment:
    """How much one customer is to get; `trans_id` is the caller's name for it."""

    customer_id: UUID
    amount: Decimal
    trans_id: str | None = None


@transactional
async def allocate(
    *,
    viewer: Viewer,
    customer_id: UUID,
    amount: Decimal,
    trans_id: str | None = None,
    reseller_id: UUID | None = None,
    note: str | None = None,
    now: datetime,
) -> AdjustRecord:
    """Give an agency customer money of its partner's balance: of the reseller's, if one is named.

    At most the balance without what is designated (F-10). The same `trans_id` again with the same
    content is the earlier record. Raises InsufficientBalance, FundsForAgencyOnly,
    NotASubCustomer, ResellerNotYours, DuplicateTransId, TransIdInProgress.
    """
    permissions.require(viewer, "fundsAllocate")
    return await _to_customer(
        viewer, customer_id, reseller_id, _wish(AdjustKind.ALLOCATION, amount, trans_id, note), now
    )


@transactional
async def recover(
    *,
    viewer: Viewer,
    customer_id: UUID,
    amount: Decimal,
    trans_id: str | None = None,
    reseller_id: UUID | None = None,
    note: str | None = None,
    now: datetime,
) -> AdjustRecord:
    """Take an agency customer's money back: at most what is left of what it was given.

    Refusals as of `allocate`.
    """
    permissions.require(viewer, "fundsRecover")
    return await _to_customer(
        viewer, customer_id, reseller_id, _wish(AdjustKind.RECOVERY, amount, trans_id, note), now
    )


@transactional
async def allocate_many(
    *,
    viewer: Viewer,
    allotments: Sequence[Allotment],
    reseller_id: UUID | None = None,
    note: str | None = None,
    now: datetime,
) -> list[ItemOutcome]:
    """Give up to 100 customers money, in one transaction, with an outcome for each.

    In the order given, so that the first ones get it when it isn't enough for all. A customer
    may be named once.
    """
    permissions.require(viewer, "fundsAllocate")
    ids = [each.customer_id for each in allotments]
    if not 1 <= len(ids) <= MOST or len(set(ids)) < len(ids):
        raise InvalidInput(
            reason=f"Name 1 to {MOST} customers, each once.",
            reason_zh=f"一次须指定 1 至 {MOST} 个客户,且不得重复。",
            path=("input", "allotments"),
        )
    # All of them first, so that two batches can't wait for each other.
    await CUSTOMERS.locked(Customer, ids, viewer=viewer, now=now)
    outcomes = []
    for each in allotments:
        try:
            async with savepoint():
                wish = _wish(AdjustKind.ALLOCATION, each.amount, each.trans_id, note)
                record = await _to_customer(viewer, each.customer_id, reseller_id, wish, now)
        except Problem as refused:
            outcomes.append(ItemOutcome(each.customer_id, refused))
        else:
            outcomes.append(ItemOutcome(each.customer_id, made=(record.id,)))
    return outcomes


@transactional
async def allocate_to_reseller(
    *,
    viewer: Viewer,
    reseller_id: UUID,
    amount: Decimal,
    trans_id: str | None = None,
    note: str | None = None,
    now: datetime,
) -> AdjustRecord:
    """A distributor gives one of its resellers money; refusals as of `allocate`."""
    permissions.require(viewer, "resellerFundsAllocate")
    return await _to_reseller(
        viewer, reseller_id, _wish(AdjustKind.ALLOCATION, amount, trans_id, note), now
    )


@transactional
async def recover_from_reseller(
    *,
    viewer: Viewer,
    reseller_id: UUID,
    amount: Decimal,
    trans_id: str | None = None,
    note: str | None = None,
    now: datetime,
) -> AdjustRecord:
    """A distributor takes money of one of its resellers back; refusals as of `allocate`."""
    permissions.require(viewer, "resellerFundsRecover")
    return await _to_reseller(
        viewer, reseller_id, _wish(AdjustKind.RECOVERY, amount, trans_id, note), now
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wish:
    kind: AdjustKind
    money: Money
    trans_id: str | None
    note: str | None


def _wish(kind: AdjustKind, amount: Decimal, trans_id: str | None, note: str | None) -> _Wish:
    return _Wish(
        kind=kind,
        money=positive(amount),
        note=texts.optional(note, longest=LONGEST_NOTE, path=("input", "note")),
        trans_id=trans_id_of(trans_id),
    )


async def _to_customer(
    viewer: Viewer, customer_id: UUID, reseller_id: UUID | None, wish: _Wish, now: datetime
) -> AdjustRecord:
    customer = await CUSTOMERS.lock(Customer, customer_id, viewer=viewer, now=now, thing="customer")
    payer_id = viewer.partner_id if reseller_id is None else await _reseller(viewer, reseller_id)
    if payer_id is None or customer.partner_id != payer_id:
        raise NotASubCustomer()
    record = await move(
        wish.kind,
        partner=await accounts.of_partner(payer_id, AccountKind.CASH, now=now),
        other=await accounts.of_customer(customer.id, AccountKind.CASH, now=now),
        association_id=customer.association_id,
        refusal=None
        if customer.association_type == AssociationType.AGENCY
        else FundsForAgencyOnly(),
        money=wish.money,
        trans_id=wish.trans_id,
        note=wish.note,
        viewer=viewer,
        now=now,
    )
    if wish.kind is AdjustKind.ALLOCATION:
        await REPLENISHED.run(Replenished(customer_id=customer.id, viewer=viewer, now=now))
    return record


async def _to_reseller(
    viewer: Viewer, reseller_id: UUID, wish: _Wish, now: datetime
) -> AdjustRecord:
    reseller_id = await _reseller(viewer, reseller_id)
    assert viewer.partner_id is not None
    return await move(
        wish.kind,
        partner=await accounts.of_partner(viewer.partner_id, AccountKind.CASH, now=now),
        other=await accounts.of_partner(reseller_id, AccountKind.CASH, now=now),
        association_id=None,
        refusal=None,
        money=wish.money,
        trans_id=wish.trans_id,
        note=wish.note,
        viewer=viewer,
        now=now,
    )


async def _reseller(viewer: Viewer, reseller_id: UUID) -> UUID:
    if reseller_id not in viewer.partner_ids:
        raise NotFound(thing="partner", path=("input", "resellerId"))
    reseller = await Partner.get(id=reseller_id)
    if viewer.partner_id is None or reseller.distributor_id != viewer.partner_id:
        raise ResellerNotYours(path=("input", "resellerId"))
    return reseller_id

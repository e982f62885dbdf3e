"""The roles that every partner has: fixed in code, kept as rows so that roles are all alike."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from domain.identity import announcements
from domain.identity.items import ADMINISTRATOR_ONLY, Item
from kit import database
from kit.ids import new_id
from kit.transaction import transactional


class Preset(StrEnum):
    """The codes of the preset roles (O-12, O-13, domain.md 8)."""

    ADMINISTRATOR = "ADMINISTRATOR"
    ACCOUNT_MANAGER = "ACCOUNT_MANAGER"
    SUPERVISOR = "SUPERVISOR"
    FINANCE = "FINANCE"


@dataclass(frozen=True)
class _Definition:
    name: str
    items: frozenset[Item]


PRESETS: Mapping[Preset, _Definition] = {
    Preset.ADMINISTRATOR: _Definition(
        "Administrator",
        ADMINISTRATOR_ONLY
        | {
            Item.PARTNER_VIEW,
            Item.PARTNER_MANAGE,
            Item.PROGRAMME_MANAGE,
            Item.BUSINESS_INFORMATION_MANAGE,
            Item.MEMBER_VIEW,
            Item.CUSTOMER_VIEW,
            Item.CUSTOMER_EDIT,
            Item.CUSTOMER_ASSIGN,
            Item.CUSTOMER_REVEAL,
            Item.CUSTOMER_FREEZE,
            Item.REPORT_SUBMIT,
            Item.CUSTOMER_INVITE,
            Item.ASSOCIATION_CHANGE,
            Item.ON_BEHALF_REQUEST,
            Item.OFFER_MANAGE,
            Item.GOODS_MANAGE,
            Item.REQUIREMENT_MANAGE,
            Item.PRIVATE_OFFER_MANAGE,
            Item.ORDER_VIEW,
            Item.ORDER_PLACE,
            Item.ORDER_PAY,
            Item.ORDER_ADJUST,
            Item.DELIVERY_MANAGE,
            Item.REFUND_DECIDE,
            Item.VOUCHER_QUOTA_VIEW,
            Item.VOUCHER_QUOTA_ISSUE,
            Item.VOUCHER_ISSUE,
            Item.CASH_COUPON_ISSUE,
            Item.FUNDS_VIEW,
            Item.FUNDS_ALLOCATE,
            Item.FUNDS_WITHDRAW,
            Item.PERFORMANCE_VIEW,
            Item.INCENTIVE_MANAGE,
            Item.STATEMENT_VIEW,
            Item.STATEMENT_INVOICE,
            Item.PERSONAL_DATA_VIEW,
            Item.SANDBOX_CLOCK,
        },
    ),
    Preset.ACCOUNT_MANAGER: _Definition(
        "Account manager",
        frozenset(
            {
                Item.PARTNER_VIEW,
                Item.MEMBER_VIEW,
                Item.CUSTOMER_VIEW,
                Item.CUSTOMER_EDIT,
                Item.CUSTOMER_REVEAL,
                Item.REPORT_SUBMIT,
                Item.CUSTOMER_INVITE,
                Item.ON_BEHALF_REQUEST,
                Item.OFFER_MANAGE,
                Item.REQUIREMENT_MANAGE,
                Item.ORDER_VIEW,
                Item.ORDER_PLACE,
                Item.PERFORMANCE_VIEW,
            }
        ),
    ),
    # Looks on, and gives customers to the managers; reports nothing (O-04).
    Preset.SUPERVISOR: _Definition(
        "Account manager supervisor",
        frozenset(
            {
                Item.PARTNER_VIEW,
                Item.MEMBER_VIEW,
                Item.CUSTOMER_VIEW,
                Item.CUSTOMER_ASSIGN,
                Item.ORDER_VIEW,
                Item.PERFORMANCE_VIEW,
            }
        ),
    ),
    Preset.FINANCE: _Definition(
        "Finance",
        frozenset(
            {
                Item.PARTNER_VIEW,
                Item.BUSINESS_INFORMATION_MANAGE,
                Item.VOUCHER_QUOTA_VIEW,
                Item.FUNDS_VIEW,
                Item.FUNDS_ALLOCATE,
                Item.FUNDS_WITHDRAW,
                Item.CUSTOMER_VIEW,
                Item.ORDER_VIEW,
                Item.ORDER_PAY,
                Item.PERFORMANCE_VIEW,
                Item.INCENTIVE_MANAGE,
                Item.STATEMENT_VIEW,
                Item.STATEMENT_INVOICE,
            }
        ),
    ),
}


@transactional
async def ensure_presets(*, now: datetime) -> None:
    """Make the rows as the code says; harmless to call again. For migrations, demo and tests."""
    for code, preset in PRESETS.items():
        changed = await database.row(
            """
            insert into role (id, created_at, version, partner_id, code, name, items)
            values ($1, $2, 1, null, $3, $4, $5::jsonb)
            on conflict (code) where partner_id is null
            do update set name = excluded.name, items = excluded.items, version = role.version + 1
             where (role.name, role.items) is distinct from (excluded.name, excluded.items)
            returning id
            """,
            new_id(),
            now,
            code.value,
            preset.name,
            json.dumps(sorted(preset.items)),
        )
        if changed:
            await announcements.announce(announcements.ALL)

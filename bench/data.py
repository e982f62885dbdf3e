"""The big database: 50 partners, 30,000 invitations, 20,000 members, their events and timers.

Half of all belongs to the first partner, and all of 100,000 customers and their 1,000,000 orders.
The same rows with the
same ids each time, but for the day from which their ages are counted.
"""

import json
import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import Any

from tortoise.models import Model

from domain.identity.presets import PRESETS, Preset
from models import audit, catalogue, customers, identity, members, partners, timers
from models.orders import Order, OrderLine

PARTNERS = 50
INVITATIONS = 30_000
CUSTOMERS = 100_000
MANAGERS = 10
ORDERS = 1_000_000  # 100,000 when quick: their many indexes take minutes
GOODS = 200
ADMINISTRATOR = "administrator1@partners.example"
STAFF = "staff@platform.example"

# Whose rows the script writes.
MODELS = (
    *(partners.Partner, identity.Person, identity.Role, identity.Operator, identity.OperatorRole),
    *(identity.StaffMember, members.MemberInvitation, members.Member, members.MemberProject),
    *(customers.Customer, customers.Association, timers.Timer, audit.Event, audit.EventCounter),
    *(catalogue.Goods, catalogue.Sku, Order, OrderLine),
)

_SCRIPTS = [Path(__file__).with_name(name) for name in ("data.sql", "orders.sql")]
_HOLE = re.compile(r"(?<!:):([a-z_]+)")


async def fill(connection: Any, *, password_hash: str, now: datetime, orders: int = ORDERS) -> None:
    """Fill an empty, migrated database by an asyncpg connection; takes some minutes.

    `password_hash` is that of ADMINISTRATOR, the first partner's, and of STAFF.
    """
    given = {
        "now": f"timestamptz '{now.isoformat()}'",
        "items": f"jsonb '{json.dumps(sorted(PRESETS[Preset.ADMINISTRATOR].items))}'",
        "invitations": str(INVITATIONS),
        "partners": str(PARTNERS),
        "customers": str(CUSTOMERS),
        "managers": str(MANAGERS),
        "orders": str(orders),
        "goods": str(GOODS),
        "password_hash": f"'{password_hash}'",
    }
    async with connection.transaction():
        await connection.execute("".join(f"{column} set default {v};" for column, v in defaults()))
        for script in _SCRIPTS:
            await connection.execute(_HOLE.sub(lambda hole: given[hole[1]], script.read_text()))
        await connection.execute("".join(f"{column} drop default;" for column, _ in defaults()))
    await connection.execute("vacuum (analyze)")
    await connection.execute("checkpoint")


def defaults(models: Sequence[type[Model]] = MODELS) -> Iterator[tuple[str, str]]:
    """What the ORM fills in and the database doesn't, so that a script names what matters."""
    for model in models:
        for name, field in model._meta.fields_map.items():
            value = field.default.value if isinstance(field.default, Enum) else field.default
            if isinstance(value, bool | int | str | Decimal) and not field.pk:
                column = f'alter table "{model._meta.db_table}" alter column "{name}"'
                yield column, f"'{value}'"

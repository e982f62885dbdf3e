"""The demo's machines: 中信达's ERP has an API key; its forerunner was told of events."""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from domain.audit import relay
from domain.funds import allocating
from domain.identity import api_keys
from domain.identity.items import Item
from domain.partners import profile
from domain.webhooks import claims, delivering, endpoints, planning, repeating
from domain.webhooks.sending import Answer
from kit import clock
from models.customers import AssociationType, Customer
from models.partners import Partner
from partner_center.demo.people import Cast, House
from partner_center.demo.stories import DAY

ACCOUNT = "zhongxin"
_URL = "https://erp.zhongxin.example/partner-center/events"
_OK = Answer(status_code=200, milliseconds=41, text='{"ok": true}')
_BUSY = Answer(status_code=503, milliseconds=2004, text="maintenance", error="HTTP 503")
_GONE = Answer(status_code=410, milliseconds=18, text="moved to the new ERP", error="HTTP 410")


@dataclass
class _Erp:
    """What answers at the address, and the endpoint that sends there."""

    house: House
    now: datetime
    told: list[Answer] = field(default_factory=list)

    async def hear(self, *answers: Answer) -> None:
        """Let what is due arrive; the last of the answers is given to all that comes after."""
        token, rows = await claims.claim(limit=50)
        for place, row in enumerate(rows):
            await delivering.write_down(
                row["id"],
                endpoint_id=row["endpoint_id"],
                token=token,
                answer=answers[min(place, len(answers) - 1)],
                begun=clock.wall(),
                now=self.now,
            )


async def load_systems(cast: Cast, *, now: datetime) -> None:
    """Keys of a system that came and of one that went, and what each event came to."""
    house = next((each for each in cast.houses if each.company.account == ACCOUNT), None)
    if house is not None:
        await _profile(house, now)
        await _keys(house, now)
        await _hooks(house, now)


async def _profile(house: House, now: datetime) -> None:
    """Whom to ask about any of it."""
    known = await Partner.get(id=house.partner.id)
    await profile.edit(
        viewer=house.administrator,
        expected_version=known.version,
        name_en=known.name_en,
        city=known.city,
        contact_name="系统对接组",
        contact_email="integration@zhongxin.example",
        contact_phone="021-5555 0100",
        now=now - 45 * DAY,
    )


async def _keys(house: House, now: datetime) -> None:
    """One in use, whose secret was changed this week; one of a system that is gone."""
    made = [
        await api_keys.create(
            viewer=house.administrator,
            name=name,
            items=[Item.CUSTOMER_VIEW, Item.ORDER_VIEW, Item.STATEMENT_VIEW],
            now=now - days * DAY,
        )
        for name, days in (("旧 ERP", 200), ("ERP 对接", 40))
    ]
    await api_keys.revoke(viewer=house.administrator, api_key_id=made[0].key.id, now=now - 5 * DAY)
    rotated = await api_keys.rotate(
        viewer=house.administrator, api_key_id=made[1].key.id, now=now - DAY
    )
    await api_keys.note_use(api_key_id=rotated.key.id, wall=clock.wall())


async def _hooks(house: House, now: datetime) -> None:
    """It was tried, heard of a few payments, failed for a while, and moved away."""
    erp = _Erp(house, now - 6 * DAY)
    await relay.place_all(now=erp.now)
    made = await endpoints.create(
        viewer=house.administrator,
        url=_URL,
        types=["adjust_record.*"],
        description="旧 ERP 接收资金变动",
        now=erp.now,
    )
    await repeating.trial(viewer=house.administrator, endpoint_id=made.endpoint.id, now=erp.now)
    await erp.hear(_OK)
    await endpoints.rotate(
        viewer=house.administrator, endpoint_id=made.endpoint.id, now=erp.now + DAY / 4
    )
    for most, answers in ((3, (_OK, _OK, _BUSY)), (1, (_GONE,))):
        erp.now += DAY
        await _gives(house, erp.now, most)
        await relay.place_all(now=erp.now)
        while await planning.plan(now=erp.now):
            pass
        await erp.hear(*answers)


async def _gives(house: House, now: datetime, most: int) -> None:
    """What its customers are to spend next."""
    clients = (
        await Customer.filter(
            partner_id=house.partner.id,
            association_type=AssociationType.AGENCY,
            freeze="NONE",
            listed_at__lt=now,
        )
        .order_by("account_name")
        .limit(most)
    )
    for place, client in enumerate(clients, start=1):
        await allocating.allocate(
            viewer=house.administrator,
            customer_id=client.id,
            amount=Decimal(1000 * place),
            trans_id=f"ERP-{now:%m%d}-{place:02}",
            note="ERP 自动划拨",
            now=now,
        )

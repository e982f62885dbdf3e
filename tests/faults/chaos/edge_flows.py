"""What leaves the product: exports, webhooks, settlement runs; and time, which goes on."""

from datetime import timedelta

from kit import clock
from tests.faults.chaos.visitor import Visitor
from tests.faults.chaos.world import BEGIN

EXPORT = "export { id status }"
# Those behind the product that have their moods.
SYSTEMS = ("PROVISIONING", "ONLINE_PAYMENT", "BANK", "FINANCE", "CRM")
LISTS = ("orders", "events", "customers", "coupons", "voucherQuotas", "statements", "consumption")


async def export(v: Visitor) -> None:
    """A list as a file; sometimes nobody wants it any more."""
    email = v.dice.choice([v.world.staff, *(firm.email for firm in v.world.firms)])
    made = await v.does(
        email,
        "exportCreate",
        EXPORT,
        list={v.dice.choice(LISTS): {}},
        format=v.dice.choice(("XLSX", "CSV", "JSONL")),
        language="EN",
        csvBom=False,
    )
    if v.likely(0.2):
        await v.does(email, "exportCancel", EXPORT, id=made["id"])
        if v.likely(0.5):
            await v.does(email, "exportRetry", EXPORT, id=made["id"])


async def webhooks(v: Visitor) -> None:
    """Its own firm's endpoint, tried, paused, resumed, replayed."""
    firm = v.dice.choice(v.world.firms)
    found = await v.reads(
        firm.email,
        "query { webhookEndpoints(first: 5, filter: {status: [ACTIVE, PAUSED, DISABLED]}) {"
        " nodes { id status position } } }",
    )
    if not found["nodes"]:
        return
    endpoint = found["nodes"][0]
    asked = "webhookEndpoint { id }"
    if endpoint["status"] != "ACTIVE":
        await v.does(firm.email, "webhookEndpointResume", asked, id=endpoint["id"])
    what = v.dice.choice(("test", "pause", "replay"))
    if what == "test":
        await v.does(firm.email, "webhookEndpointTest", "webhookDelivery { id }", id=endpoint["id"])
    elif what == "pause":
        await v.does(firm.email, "webhookEndpointPause", asked, id=endpoint["id"])
        await v.does(firm.email, "webhookEndpointResume", asked, id=endpoint["id"])
    elif endpoint["position"]:
        await v.does(
            firm.email,
            "webhookReplay",
            "webhookEndpoint { id } deliveryCount",
            endpointId=endpoint["id"],
            fromPosition=max(1, endpoint["position"] - 3),
            toPosition=endpoint["position"],
        )


async def settlement(v: Visitor) -> None:
    """The month before this one is settled, if it hasn't been."""
    today = clock.wall() + v.visit.ahead
    last = today.replace(day=1) - timedelta(days=1)
    if (last.year, last.month) < (BEGIN.year, BEGIN.month):
        return
    await v.does(
        v.world.staff,
        "settlementRunStart",
        "settlementRun { id }",
        kind="BASIC",
        period=f"{last:%Y-%m}",
    )


async def upstream(v: Visitor) -> None:
    """The systems behind the product have their moods."""
    await v.does(
        v.world.staff,
        "sandboxUpstreamSet",
        "behaviour",
        system=v.dice.choice(SYSTEMS),
        behaviour=v.dice.choice(("PROMPT", "PROMPT", "LATE", "TWICE", "ERROR", "ERROR_AFTER")),
        after=v.dice.choice(("PT0S", "PT20S", "PT5M")),
    )


async def digest(v: Visitor) -> None:
    """Somebody wants mails once a day, or doesn't any more; and reads what came."""
    email = v.dice.choice(v.world.firms).email
    hour = v.dice.choice((None, 9, 18))
    await v.does(
        email,
        "notificationPreferencesSet",
        "notificationPreferences { digestHour }",
        choices=[],
        digest={"hour": hour},
    )
    await v.does(email, "inboxMarkAllRead", "markedCount")

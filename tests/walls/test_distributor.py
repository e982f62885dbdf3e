"""A distributor looks into its resellers' houses, and touches nothing there (O-07)."""

import asyncio
from contextlib import aclosing
from typing import Any

import orjson
import pytest

from partner_center import graphql
from schema.context import Context
from tests.walls import looking, snapshot
from tests.walls.looking import Foreign
from tests.walls.neighbourhood import NOW, Neighbourhood
from tests.walls.owning import own_of
from tests.walls.snapshot import NOT_BUSINESS, Rows

# What of a reseller's is its own affair: who works for it, and with which keys.
NOT_SHOWN = (
    *("operator", "operator_role", "role", "api_key"),
    # What it signs and hands in, and where it banks.
    *("agreement_signature", "business_information", "programme_invitation", "stored_file"),
    # Where it has its events sent.
    *("webhook_endpoint", "webhook_delivery", "webhook_attempt"),
    # What it is paid, and for what.
    *("statement", "statement_dispute", "incentive", "incentive_feedback", "payment_application"),
    *("performance_sheet", "performance_line", "performance_feedback"),
)

OF_MERCHANTS = {
    "customerRequirementAccept.id",
    "customerRequirementReject.id",
    "privateOfferCreate.requirementId",
}
FOR_MERCHANTS = ("orderPriceAdjust", "usageImport")
CERTIFICATES = ("programmeCertificateIssue", "roleCertificateIssue")

# What a reseller asks of its customers goes to the distributor first (C-23).
ITS_OWN_TO_DECIDE = {
    "onBehalfAuthorizationEndorse.id",
    "onBehalfAuthorizationReject.id",
    # It gives its resellers money, as far as it has any (F-10).
    "resellerFundsAllocate.resellerId",
    "resellerFundsRecover.resellerId",
    # It passes quota on, issues and takes back in its reseller's stead (O-10), and pays (D-03).
    "voucherQuotaIssue.resellerIds",
    "couponsIssue.quotaId",
    "couponsReclaim.ids",
    "orderPartnerPay.id",
    "orderPartnerPaymentDecline.id",
    # It sees its reseller's account with all entries, and a file shows no more.
    "exportCreate.list.accountEntries.accountId",
}

# Whose affair an order, and what became of it, is instead.
OF_ORDERS = {
    "ORDER_OF_ANOTHER_CUSTOMER": (
        *("orderCancel.id", "orderPay.id", "orderPayOnline.id", "ordersPay.ids"),
        *("orderPartnerPaymentRecall.id", "orderPartnerPaymentRequest.id", "orderPay.coupons.id"),
    ),
    "REFUND_OF_ANOTHER_CUSTOMER": (
        *("refundCancel.id", "refundRequest.subscriptionId", "refundRequest.lineId"),
        "refundsRequest.subscriptionIds",
    ),
    "REFUND_OF_ANOTHER_MERCHANT": ("refundAccept.id", "refundReject.id"),
    "DELIVERY_OF_ANOTHER_CUSTOMER": (
        *("serviceAccept.id", "serviceReject.id", "serviceRequirementSubmit.id"),
    ),
    "DELIVERY_OF_ANOTHER_MERCHANT": (
        *("serviceAppeal.id", "serviceDeliver.id"),
        *("serviceRequirementConfirm.id", "serviceRequirementReturn.id"),
    ),
    "SUBSCRIPTION_OF_ANOTHER_CUSTOMER": ("subscriptionAutoRenewSet.id",),
    "QUOTA_OF_ANOTHER_PARTNER": ("voucherQuotaIssue.id", "voucherQuotasReclaim.ids"),
    "CBC.99000035": ("couponsIssue.customerIds",),
    "ORIGINAL_ROUTE_CLOSED": ("withdrawalCreate.rechargeId",),
}

_ALL = """
query { partners(first: 100) { nodes { id name resellers(first: 100) { nodes { id } } } }
        members(first: 100) { totalCount { value } nodes { id } }
        memberInvitations(first: 100) { totalCount { value } nodes { id } }
        operators(first: 100) { nodes { id } } roles(first: 100) { nodes { id } }
        apiKeys(first: 100) { nodes { id } } events(first: 100) { nodes { id subjectType } } }
"""


def ids_in(rows: Rows, table: str) -> set[str]:
    prefix = looking.prefixes()[table]
    return {f"{prefix}_{id.replace('-', '')}" for id in rows[table]}


def listed(found: Any) -> set[str]:
    return {node["id"] for node in found["nodes"]}


@pytest.fixture
def elder(neighbourhood: Neighbourhood) -> Rows:
    """All that the reseller has."""
    return snapshot.of_partner(neighbourhood.own, str(neighbourhood.houses["Elder"].partner.id))


async def test_it_sees_its_reseller_with_members_and_invitations(
    neighbourhood: Neighbourhood, elder: Rows
) -> None:
    found = await neighbourhood.data(neighbourhood.credentials["distributor"], _ALL)

    [distributor, reseller] = sorted(found["partners"]["nodes"], key=lambda each: each["name"])
    assert (distributor["name"], reseller["name"]) == ("Dogwood Company", "Elder Company")
    assert listed(distributor["resellers"]) == {reseller["id"]}
    for table, list in (("member", "members"), ("member_invitation", "memberInvitations")):
        assert ids_in(elder, table) < listed(found[list])
        assert found[list]["totalCount"]["value"] == 2 * len(elder[table])


async def test_it_does_not_see_who_works_for_its_reseller(
    neighbourhood: Neighbourhood, elder: Rows
) -> None:
    by = neighbourhood.credentials["distributor"]
    found = await neighbourhood.data(by, _ALL)
    hidden = set().union(*(ids_in(elder, table) for table in NOT_SHOWN if table != "operator_role"))
    asked = "query ($ids: [ID!]!) { nodes(ids: $ids) { id } }"
    nodes = await neighbourhood.data(by, asked, ids=sorted(hidden)[:100])
    nodes["nodes"] += (await neighbourhood.data(by, asked, ids=sorted(hidden)[100:]))["nodes"]

    assert len(hidden) > 8
    for list in ("operators", "roles", "apiKeys"):
        assert listed(found[list]).isdisjoint(hidden)
    assert set(map(str, nodes["nodes"])) == {"None"}
    about = {event["id"] for event in found["events"]["nodes"] if event["subjectType"] in NOT_SHOWN}
    assert about.isdisjoint(ids_in(elder, "event"))


async def test_following_its_resellers_log_tells_no_more_than_the_list(
    neighbourhood: Neighbourhood, elder: Rows
) -> None:
    shown = [
        row
        for row in elder["event"].values()
        if row["subject_type"] not in NOT_SHOWN and row["name"] != "partner.certificates_recorded"
    ]
    following = await graphql.schema().stream(
        "subscription ($id: ID) { events(partnerId: $id, after: 0) { position name } }",
        {"id": f"ptn_{neighbourhood.houses['Elder'].partner.id.hex}"},
        Context(
            viewer=neighbourhood.houses["Dogwood"].administrator,
            now=NOW,
            locale="en",
            request_id="walls",
        ),
    )

    async with aclosing(following):
        came = [(await asyncio.wait_for(anext(following), 30)).data for _ in shown]

    told = [orjson.loads(orjson.dumps(data))["events"] for data in came]
    assert told == [
        {"position": row["position"], "name": row["name"]}
        for row in sorted(shown, key=lambda row: row["position"])
    ]
    assert len(shown) < len(elder["event"])


async def test_every_mutation_of_its_resellers_things_is_refused(
    neighbourhood: Neighbourhood, elder: Rows
) -> None:
    by = neighbourhood.credentials["distributor"]
    foreign = Foreign(ids=looking.ids_of(elder), texts=[], cursors={}, tokens=[])
    before = await snapshot.taken()

    codes: dict[str, set[str]] = {}
    own = await own_of(neighbourhood, "distributor")
    kinds = await looking.kinds(neighbourhood, by, own)
    for question in looking.writings(foreign, own, kinds):
        mutation = question.name.partition("(")[0]
        if mutation in ITS_OWN_TO_DECIDE:
            continue
        answer = (await neighbourhood.ask(by, question)).json()
        codes.setdefault(mutation, set()).add(_code(answer))

    # An id of another kind is refused before anybody looks for it.
    answers = {mutation: found - {"INVALID_INPUT"} for mutation, found in codes.items()}
    tried = {mutation: found for mutation, found in answers.items() if found}
    differing = {m: found for m, found in tried.items() if not found <= _expected(m)}
    assert differing == {}, differing
    assert len(tried) > 20
    after = await snapshot.taken()
    for table in set(before) - set(NOT_BUSINESS):
        assert after[table] == before[table], table


def _code(answer: Any) -> str:
    if "errors" in answer:
        return str(answer["errors"][0]["extensions"]["code"])
    [payload] = answer["data"].values()
    [error] = payload["errors"] or [result["error"] for result in payload["results"]]
    return str(error["code"])


def _expected(mutation: str) -> set[str]:
    name = mutation.partition(".")[0]
    if name in ("exclusiveOfferEdit", "exclusiveOfferSubmit", "exclusiveOfferWithdraw"):
        return {"OFFER_OF_ANOTHER_PARTNER"}
    if mutation in OF_MERCHANTS:
        return {"REQUIREMENT_OF_ANOTHER_MERCHANT"}
    if name.startswith("customerRequirement") and mutation.endswith(".id"):
        return {"REQUIREMENT_OF_ANOTHER_PARTNER"}
    if name.startswith("privateOffer"):
        # What isn't published yet is shown to nobody but its merchant.
        return {"PRIVATE_OFFER_OF_ANOTHER_MERCHANT", "NOT_FOUND"}
    if mutation == "withdrawalDelete.id":  # what was deleted is gone for it, too
        return {"ONLY_FOR_ITSELF", "NOT_FOUND"}
    for code, mutations in OF_ORDERS.items():
        if mutation in mutations:
            return {code}
    return {_the_one(name, mutation)}


def _the_one(name: str, mutation: str) -> str:
    if name in looking.FOR_THE_PLATFORM or name in FOR_MERCHANTS:
        return "FORBIDDEN"
    if mutation == "improvementPlanCreate.fileId":  # its own plan stands in the way of any file
        return "IMPROVEMENT_PLAN_OPEN"
    if name in CERTIFICATES or (
        name.startswith("programmeApplication") and mutation.endswith(".id")
    ):
        return "OWN_PARTNER_ONLY"
    if mutation.endswith(".onBehalfOf"):
        return "CUSTOMER_OF_ANOTHER_PARTNER"
    if name in ("onBehalfAuthorizationGrant", "onBehalfAuthorizationRevoke"):
        return "ONLY_THE_CUSTOMER_DECIDES"
    if name.startswith(("association", "onBehalf")):
        return "CUSTOMER_OF_ANOTHER_PARTNER"
    if name.startswith("funds"):
        # With its own balance only its own customers.
        return "CBC.99000035"
    if name == "customerInvitationAccept":
        return "CUSTOMER_SEAT_NEEDED"
    if name.startswith("customer") and mutation != "customerAssign.managerId":
        return "CUSTOMER_OF_ANOTHER_PARTNER"
    is_shown = name.startswith("member") and name not in (
        "memberInvitationAccept",  # these two are the invited person's
        "memberInvitationReject",
    )
    return "MANAGED_BY_ITS_PARTNER" if is_shown else "NOT_FOUND"

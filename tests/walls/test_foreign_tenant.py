"""Nobody finds anything of another tenant's: every answer is as if it weren't there.

Two walks over the same database, once with Amber's house in it and once without, must be answered
alike, to the byte: contents, counts, cursors, errors. So an id of Amber's is an unknown id.
"""

import json
import re

import pytest

from domain.exports.lists import LISTS
from domain.identity.operations import OPERATIONS, Open
from partner_center import graphql
from tests.walls import documents, looking
from tests.walls.conftest import VARYING, Walks
from tests.walls.snapshot import NOT_BUSINESS
from tests.walls.walking import told

# It asks for an amount beside each id; `orderPay` looks coupons up by the same function.
NOT_TRIED = {"orderPayOnline.coupons.id"}
# What isn't in the cart needn't be taken out of it: no id is an unknown one there.
NEVER_REFUSED = "cartLineRemove.ids"
# What says in its own words that an id is nobody's one has to do with; of unknown ids, too.
IN_OTHER_WORDS = {
    "couponsIssue.customerIds": "CBC.99000035",  # no customer of that partner
    "improvementPlanCreate.fileId": "DISTRIBUTORS_ONLY",  # a reseller with no file at all
    "usageImport.fileId": "FORBIDDEN",  # of partners, merchants alone take in usage
    "orderPriceAdjust.lines.lineId": "FORBIDDEN",  # nor adjust prices any but merchants
    "orderPay.coupons.id": "ORDER_OF_ANOTHER_CUSTOMER",  # only customers come as far as coupons
    "voucherQuotaIssue.resellerIds": "CBC.99000037",  # no reseller of that distributor
}
# Only merchants come as far as that; the tests of private offers look at strange SKUs.
FOR_MERCHANTS = {"privateOfferCreate.lines.skuId", "privateOfferDraftEdit.lines.skuId"}

SAYS_WHO_ASKS = "viewer"  # to nobody, too: that it is nobody

# What the platform offers to every partner alike is nobody's; an id of it is no secret.
OF_THE_PLATFORM = {
    *("Agreement", "IncentivePolicy", "LedgerAudit", "PathRequirement", "Programme"),
    *("OpsPause", "OpsTick"),
}
# Where such a thing is named, an id of Amber's is one of another kind.
NAMES_THE_PLATFORM_S = {
    "agreementSignatureRecord.agreementId",
    "opsResume.id",
    "programmeApplicationCreate.programmeId",
    "programmeApplicationSubmit.acceptedAgreementIds",
    "programmeInvite.programmeId",
}

# Lists that are narrowed by something of the platform's, or that stands in no house.
BY_WHAT_NO_HOUSE_HAS = {
    ("agreementSignatures", "agreementId"),
    ("agreements", "programmeId"),
    ("incentives", "policyId"),
    ("programmeApplications", "programmeId"),
    ("programmeInvitations", "programmeId"),
}

STRANGERS = (
    "nobody",
    "administrator",
    "guest",
    "leaver",
    "plain",
    "invited",
    "customer's user",
    "distributor",
    "key without items",
    "key with items",
)


def test_the_questions_are_valid_and_within_the_limits(walks: Walks) -> None:
    walk = walks.walk
    texts = {each.document for each in (*walk.readings, *walk.variations, *walk.writings)}
    judged = graphql.schema().documents

    # Where they were judged already; it takes seconds to do so.
    assert {text: judged.read(text).errors for text in texts if judged.read(text).errors} == {}


def test_the_walk_passes_every_edge_and_every_field(walks: Walks) -> None:
    texts = {question.document for question in walks.walk.readings}
    passed = set().union(*(documents.passed(text) for text in texts))

    missed = documents.reachable() - passed
    # `edges` are walked in the lists of their own; here only what they lead to counts.
    assert {each for each in missed if "Edge." not in each} == set()


def test_the_walk_passes_every_mutation_that_names_something(walks: Walks) -> None:
    tried = {question.name.partition("(")[0] for question in walks.walk.writings}

    expected = {
        f"{name}.{'.'.join(path)}"
        for name, input in looking.inputs().items()
        for path in looking.places(input)
    }
    missed = expected - tried
    known = looking.OPEN_TO_ALL | NAMES_THE_PLATFORM_S | FOR_MERCHANTS | NOT_TRIED
    assert missed == known, missed ^ known


def test_the_owner_finds_it_all_by_the_same_walk(walks: Walks) -> None:
    """Else the walk would prove nothing."""
    before = walks.walk.before
    told = "\n".join(walks.owner.values()).lower()

    for word in ("amber company", "amber limited", "amber city", "amber-account", "amber.pdf"):
        assert word in told
    for word in (
        "pocket money",
        "says thanks",
        "did well",
        "is in a hurry",
        "has forty desks",
        "has hooks",
    ):
        assert f"amber {word}" in told, word
    [amber] = [id for id, row in before["partner"].items() if row["name"] == "Amber Company"]
    for table in ("member", "member_invitation", "operator", "role", "api_key"):
        for id, row in before[table].items():
            if row["partner_id"] == amber:
                assert id.replace("-", "") in told, (table, id)


@pytest.mark.parametrize("who", STRANGERS)
def test_it_is_as_if_the_other_tenant_were_not_there(walks: Walks, who: str) -> None:
    """Contents, counts, cursors, errors and costs; and an id of Amber's is an unknown one."""
    assert len(walks.walk.alone[who]) == len(walks.walk.asked_of(who))
    assert walks.walk.differing(who) == {}


@pytest.mark.parametrize("who", VARYING)
def test_no_file_has_anything_of_the_other_tenant(walks: Walks, who: str) -> None:
    assert len(walks.walk.files_beside[who]) >= len(LISTS)
    assert walks.walk.files_beside[who] == walks.walk.files_alone[who]


@pytest.mark.parametrize("who", STRANGERS)
def test_no_id_and_no_text_of_the_other_tenant_is_told(walks: Walks, who: str) -> None:
    assert told(walks.walk, who, walks.secrets) == {}


def test_what_the_strangers_have_of_their_own_they_find(walks: Walks) -> None:
    found = {who: "\n".join(walks.walk.beside[who].values()) for who in STRANGERS}

    for who in ("administrator", "plain", "invited", "key with items"):
        assert "Birch Company" in found[who], who
    assert "Dogwood Company" in found["distributor"]
    assert "Birch" not in found["nobody"]


@pytest.mark.parametrize("who", STRANGERS)
def test_every_mutation_of_something_foreign_is_refused(walks: Walks, who: str) -> None:
    asked = walks.walk.beside[who]
    for question in walks.walk.writings:
        if question.name not in asked:
            continue
        answer = asked[question.name]
        # A batch refuses item by item.
        if not question.name.startswith(NEVER_REFUSED):
            assert '"errors":[{' in answer or '"done":false' in answer, (question.name, answer)


def test_a_foreign_id_is_not_found_by_those_who_hold_the_right(walks: Walks) -> None:
    otherwise = {}
    for question in walks.walk.writings:
        place = question.name.partition("(")[0]
        answer = walks.walk.beside["administrator"][question.name]
        is_for_platform = place.partition(".")[0] in looking.FOR_THE_PLATFORM
        expected = "FORBIDDEN" if is_for_platform else IN_OTHER_WORDS.get(place, "NOT_FOUND")
        if place != NEVER_REFUSED and f'"code":"{expected}"' not in answer:
            otherwise[question.name] = answer
    assert otherwise == {}, otherwise


def test_what_is_not_found_is_pointed_at(walks: Walks) -> None:
    """A client with five ids in its input learns which of them is unknown."""
    elsewhere = {}
    for question in walks.walk.writings:
        # Whose plan and subscription are not found either.
        if question.name.startswith(("improvementPlanEdit.", "subscriptionChange.skuId")):
            continue
        body = json.loads(walks.walk.beside["administrator"][question.name].partition(" ")[2])
        for payload in (body.get("data") or {}).values():
            for error in (payload or {}).get("errors", []):
                if error["code"] == "NOT_FOUND":
                    place = [part for part in error["path"] if not part.isdigit()]
                    if place != ["input", *question.name.partition("(")[0].split(".")[1:]]:
                        elsewhere[question.name] = error["path"]
    assert elsewhere == {}, elsewhere


@pytest.mark.parametrize("who", STRANGERS)
def test_nobody_is_answered_by_a_failure(walks: Walks, who: str) -> None:
    failed = {name for name, answer in walks.walk.beside[who].items() if "INTERNAL" in answer}
    assert failed == set()


def test_nothing_was_changed_by_all_that(walks: Walks) -> None:
    for table, rows in walks.walk.before.items():
        if table not in NOT_BUSINESS:
            assert walks.walk.after[table] == rows, table


def test_a_credential_that_is_no_good_opens_nothing(walks: Walks) -> None:
    """Whatever is asked, read or written: it is refused as if nobody had looked at the question."""
    for who, answers in walks.dead.items():
        assert len(answers) > len(documents.roots()) + len(documents.mutations()) - 5
        [answer] = set(answers.values())
        assert answer.startswith("401 "), who
        body = json.loads(answer.partition(" ")[2])
        assert set(body) == {"errors"}, who
        [error] = body["errors"]
        assert error["extensions"]["code"] == "UNAUTHENTICATED", who
        assert "path" not in error, who


def test_whoever_is_not_signed_in_is_told_that_and_nothing_else(walks: Walks) -> None:
    otherwise = {}
    asked = {question.name: question for question in walks.walk.asked_of("nobody")}
    of_nobody = {name: walks.walk.beside["nobody"][name] for name in asked}
    for name, answer in (of_nobody | walks.once["nobody"]).items():
        field = re.split(r"[(. ]", name.removeprefix("subscription "))[0]
        if OPERATIONS.get(field) is Open.ANYBODY or field == SAYS_WHO_ASKS:
            continue
        if name.startswith("subscription "):  # a stream has begun before it can be refused
            is_refused = '"UNAUTHENTICATED"' in answer and '"id"' not in answer
        else:
            is_refused = is_unauthenticated(answer)
        if not is_refused:
            otherwise[name] = answer
    assert otherwise == {}, otherwise
    assert '"kind":"ANONYMOUS"' in of_nobody[f"{SAYS_WHO_ASKS} 0"]


def is_unauthenticated(answer: str) -> bool:
    """Whether an answer says that and no more."""
    status, _, text = answer.partition(" ")
    body = json.loads(text)
    codes = {error["extensions"]["code"] for error in body.get("errors", [])}
    nothing = all(each is None for each in (body.get("data") or {}).values())
    return status == "401" and codes == {"UNAUTHENTICATED"} and nothing


def test_every_condition_that_takes_an_id_is_tried_with_one(walks: Walks) -> None:
    tried = {question.place for question in walks.walk.variations}

    missed = {
        (name, condition)
        for name, condition in documents.conditions_by_id()
        if f"{name}(filter.{condition}" not in tried
    }
    assert missed == BY_WHAT_NO_HOUSE_HAS, missed ^ BY_WHAT_NO_HOUSE_HAS


def test_everything_that_can_be_asked_for_is_there_to_be_asked_for(walks: Walks) -> None:
    """What a domain adds has to stand in the houses too: see tests/walls/world.py."""
    asked = {
        str(question.variables["value"])[:3]
        for question in walks.walk.readings
        if question.name.startswith("node(")
    }

    lacking = {
        type.name for type in documents.objects_with_ids() if documents.prefix_of(type) not in asked
    }
    assert lacking == OF_THE_PLATFORM

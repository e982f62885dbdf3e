"""Programmes through the API: the whole story, lists, and who sees what."""

from typing import Any

import pytest

from domain.identity.items import Item
from domain.identity.presets import Preset
from domain.identity.viewer import Viewer
from kit import ids
from models.audit import Event
from models.certification import BusinessInformation, RoleCertification
from models.files import StoredFile
from models.partners import Partner
from models.programmes import Programme, ProgrammeApplication
from models.timers import Timer
from tests.conftest import Clock
from tests.factories import (
    a_distributor,
    a_partner,
    a_person,
    an_administrator,
    an_operator,
    as_operator,
    as_person,
)
from tests.programmes.conftest import Ask, Refused
from tests.programmes.factories import (
    EVIDENCE,
    a_certified_role,
    a_company,
    a_draft,
    a_file,
    a_membership,
    a_reviewer,
    a_submission,
    business_information,
)

pytestmark = pytest.mark.usefixtures("presets")

ERRORS = "errors { __typename code message path }"
PROGRAMME = """
query ($code: [String!]) {
  programmes(first: 5, filter: {code: $code}) { nodes {
    id admission neededRoles neededEvidence needsShareholderProof benefitsEn
    availableActions { name allowed blockedBy { code } }
    ownApplication { status }
  } }
}
"""
CREATE = f"""
mutation ($input: ProgrammeApplicationCreateInput!) {{
  programmeApplicationCreate(input: $input) {{
    programmeApplication {{ id status version evidence {{ kind file {{ id name }} }} }}
    replayed {ERRORS}
  }}
}}
"""
SUBMIT = f"""
mutation ($input: ProgrammeApplicationSubmitInput!) {{
  programmeApplicationSubmit(input: $input) {{
    programmeApplication {{ status submittedAt version }}
    {ERRORS}
    errors {{ ... on ConditionsNotMet {{ conditions {{ code rule wanted message }} }} }}
  }}
}}
"""
APPROVE = f"""
mutation ($id: ID!) {{
  programmeApplicationApprove(input: {{id: $id, note: "Welcome"}}) {{
    programmeApplication {{
      status effectiveFrom decisionReason history(first: 9) {{ nodes {{ name }} }}
    }}
    {ERRORS}
  }}
}}
"""
AGREEMENTS = """
query ($programme: ID!) {
  agreements(first: 9, filter: {programmeId: $programme, isCurrent: true}) {
    nodes { id code version textSha256 printUrl pdfUrl }
  }
}
"""
APPLICATIONS = """
query ($filter: ProgrammeApplicationFilter) {
  programmeApplications(first: 20, filter: $filter) {
    totalCount { value } nodes { id status partner { name } }
  }
}
"""
QUEUE = """
query ($filter: ProgrammeApplicationFilter) {
  programmeReviewQueue(first: 20, filter: $filter) { nodes { partner { name } submittedAt } }
}
"""


async def csp() -> Programme:
    return await Programme.get(code="CSP")


async def a_ready_company(time: Clock, name: str = "Acme") -> Partner:
    """It has joined HCPN, is certified, and has handed in its bank account."""
    partner = await a_company(name)
    await a_membership(of=partner, programme=await Programme.get(code="HCPN"), now=time.now)
    await a_certified_role(of=partner)
    await business_information(of=partner)
    return partner


async def names(ask: Ask, by: Viewer, document: str, field: str, **variables: Any) -> list[str]:
    page = await ask(document, by=by, **variables)
    return [node["partner"]["name"] for node in page[field]["nodes"]]


async def test_from_the_list_of_programmes_to_the_membership(ask: Ask, time: Clock) -> None:
    partner = await a_ready_company(time)
    administrator, reviewer = await an_administrator(partner), await a_reviewer()

    [found] = (await ask(PROGRAMME, by=administrator, code=["CSP"]))["programmes"]["nodes"]
    assert found == {
        "id": ids.encode("pgm", (await csp()).id),
        "admission": "REVIEW",
        "neededRoles": ["SOFTWARE", "SERVICE", "SYSTEM_INTEGRATION"],
        "neededEvidence": [kind.value for kind in EVIDENCE],
        "needsShareholderProof": True,
        "benefitsEn": [
            "Training",
            "Technical support",
            "Use of the logo",
            "Ecosystem events",
            "A share of the marketplace's revenue",
            "Presales support",
        ],
        "availableActions": [
            {"name": "programmeApplicationCreate", "allowed": True, "blockedBy": None}
        ],
        "ownApplication": None,
    }

    files = [await a_file(of=partner, now=time.now, name=f"{n}.pdf") for n in range(4)]
    created = await ask(
        CREATE,
        by=administrator,
        input={
            "programmeId": found["id"],
            "contactName": "Han Meimei",
            "statement": "We sell to hospitals.",
            "evidence": [
                {"kind": kind.value, "fileId": ids.encode("fil", file.id)}
                for kind, file in zip(EVIDENCE, files, strict=True)
            ],
        },
    )
    draft = created["programmeApplicationCreate"]["programmeApplication"]
    assert created["programmeApplicationCreate"]["errors"] == []
    assert draft["status"] == "DRAFT"
    assert [each["file"]["name"] for each in draft["evidence"]] == [
        "0.pdf",
        "1.pdf",
        "2.pdf",
        "3.pdf",
    ]

    texts = (await ask(AGREEMENTS, by=administrator, programme=found["id"]))["agreements"]["nodes"]
    assert {text["code"] for text in texts} == {"CSP_AGREEMENT", "CODE_OF_CONDUCT"}
    submitted = await ask(
        SUBMIT,
        by=administrator,
        input={
            "id": draft["id"],
            "expectedVersion": draft["version"],
            "acceptedAgreementIds": [text["id"] for text in texts],
        },
    )
    assert submitted["programmeApplicationSubmit"] == {
        "programmeApplication": {
            "status": "SUBMITTED",
            "submittedAt": "2030-01-31T23:30:00.000000Z",
            "version": 2,
        },
        "errors": [],
    }
    assert await names(ask, reviewer, QUEUE, "programmeReviewQueue") == ["Acme"]

    time.forward(days=2)
    approved = await ask(APPROVE, by=reviewer, id=draft["id"])
    assert approved["programmeApplicationApprove"] == {
        "programmeApplication": {
            "status": "APPROVED",
            "effectiveFrom": "2030-02-02T23:30:00.000000Z",
            "decisionReason": "Welcome",
            "history": {
                "nodes": [
                    {"name": "programme_application.approved"},
                    {"name": "programme_application.submitted"},
                    {"name": "programme_application.drafted"},
                ]
            },
        },
        "errors": [],
    }
    [joined] = (await ask(PROGRAMME, by=administrator, code=["CSP"]))["programmes"]["nodes"]
    assert joined["ownApplication"] == {"status": "APPROVED"}
    assert await names(ask, reviewer, QUEUE, "programmeReviewQueue") == []


async def test_all_that_is_missing_is_told_at_once_in_the_readers_language(
    ask: Ask, time: Clock
) -> None:
    """P-02 to P-05, P-10."""
    partner = await a_company(founded=None)
    administrator = await an_administrator(partner)
    draft = await a_draft(of=partner, programme=await csp(), by=administrator, now=time.now)

    answer = await ask(
        SUBMIT,
        by=administrator,
        locale="zh-CN",
        input={"id": ids.encode("app", draft.id), "expectedVersion": 1},
    )

    [error] = answer["programmeApplicationSubmit"]["errors"]
    assert (error["code"], error["__typename"]) == ("CONDITIONS_NOT_MET", "ConditionsNotMet")
    assert [(each["code"], each["rule"], each["wanted"]) for each in error["conditions"]] == [
        ("PROGRAMME_NOT_JOINED", "P-18", ["HCPN"]),
        (
            "ROLE_CERTIFICATION_MISSING",
            "P-02",
            ["SOFTWARE", "SERVICE", "SYSTEM_INTEGRATION"],
        ),
        ("BUSINESS_INFORMATION_MISSING", "P-10", []),
        ("AGREEMENT_NOT_ACCEPTED", "P-03", ["CSP_AGREEMENT 1.0"]),
        ("AGREEMENT_NOT_ACCEPTED", "P-03", ["CODE_OF_CONDUCT 1.0"]),
        ("SHAREHOLDER_PROOF_MISSING", "P-04", ["SHAREHOLDER_PROOF"]),
        *(("EVIDENCE_MISSING", "P-05", [kind.value]) for kind in EVIDENCE),
    ]
    assert error["conditions"][5]["message"] == "公司成立时间低于1年,需上传出资人构成证明。"
    assert (await ProgrammeApplication.get(id=draft.id)).status == "DRAFT"
    assert not await Event.exists(name="agreement_signature.signed")


async def test_a_repeated_request_begins_one_application(ask: Ask, time: Clock) -> None:
    administrator = await an_administrator(await a_company())
    input = {"programmeId": ids.encode("pgm", (await csp()).id), "idempotencyKey": "k"}

    first = (await ask(CREATE, by=administrator, input=input))["programmeApplicationCreate"]
    second = (await ask(CREATE, by=administrator, input=input))["programmeApplicationCreate"]

    assert (first["replayed"], second["replayed"]) == (False, True)
    assert second["programmeApplication"] == first["programmeApplication"]
    assert await ProgrammeApplication.all().count() == 1


async def test_a_membership_past_its_end_reads_as_expired_though_no_worker_has_run(
    ask: Ask, time: Clock
) -> None:
    partner = await a_company()
    administrator = await an_administrator(partner)
    programme = await Programme.get(code="HCPN")
    await Programme.filter(id=programme.id).update(validity_months=1)
    programme = await Programme.get(code="HCPN")
    membership = await a_membership(of=partner, programme=programme, now=time.now)
    query = """
    query ($id: ID!) { programmeApplication(id: $id) {
      status endedAt expiresAt deadline { dueAt status onTimeout }
      availableActions { name allowed blockedBy { code } } } }
    """
    id = ids.encode("app", membership.id)

    # 7.30 on the first of February in Shanghai; a month later it is March there.
    time.now = membership.expires_at or time.now
    assert time.now.isoformat() == "2030-02-28T23:30:00+00:00"
    time.forward(microseconds=-1)
    before = (await ask(query, by=administrator, id=id))["programmeApplication"]
    assert (before["status"], before["endedAt"]) == ("APPROVED", None)
    assert before["deadline"] == {
        "dueAt": "2030-02-28T23:30:00.000000Z",
        "status": "SCHEDULED",
        "onTimeout": "EXPIRE",
    }

    time.forward(microseconds=1)
    after = (await ask(query, by=administrator, id=id))["programmeApplication"]
    assert (after["status"], after["endedAt"]) == ("EXPIRED", "2030-02-28T23:30:00.000000Z")
    assert after["deadline"]["status"] == "DUE"
    blocked = {each["name"]: each["blockedBy"] for each in after["availableActions"]}
    assert blocked["programmeApplicationCopy"] is None
    assert blocked["programmeCertificateIssue"] == {"code": "APPLICATION_EXPIRED"}
    assert blocked["programmeApplicationExit"] == {"code": "FORBIDDEN"}
    for status, count in (("APPROVED", 0), ("EXPIRED", 1)):
        page = await ask(APPLICATIONS, by=administrator, filter={"status": [status]})
        assert page["programmeApplications"]["totalCount"] == {"value": count}


async def test_applications_are_found_by_status_partner_programme_and_time(
    ask: Ask, time: Clock
) -> None:
    reviewer, hcpn = await a_reviewer(), await Programme.get(code="HCPN")
    partners = [await a_company(name) for name in ("Acme", "Birch", "Cedar")]
    for partner in partners:
        await a_submission(of=partner, programme=hcpn, now=time.now)
        time.forward(hours=1)
    await a_draft(of=partners[0], programme=await csp(), now=time.now)

    async def found(**filter: Any) -> list[str]:
        field = "programmeApplications"
        return await names(ask, reviewer, APPLICATIONS, field, filter=filter)

    assert await found() == ["Acme", "Cedar", "Birch", "Acme"]
    assert await found(status=["SUBMITTED"]) == ["Cedar", "Birch", "Acme"]
    assert await found(partner="irc") == ["Birch"]
    assert await found(partnerId=ids.encode("ptn", partners[0].id)) == ["Acme", "Acme"]
    assert await found(programmeId=ids.encode("pgm", (await csp()).id)) == ["Acme"]
    two_hours = {"from": "2030-02-01T00:30:00Z", "to": "2030-02-01T01:30:00Z"}
    assert await found(submitted=two_hours) == ["Birch"]
    queue = await names(ask, reviewer, QUEUE, "programmeReviewQueue", filter={"partner": "ACME"})
    assert queue == ["Acme"]


async def test_only_the_platform_has_the_queue(ask: Ask, time: Clock) -> None:
    partner = await a_company()
    await a_submission(of=partner, programme=await Programme.get(code="HCPN"), now=time.now)

    with pytest.raises(Refused) as refusal:
        await ask(QUEUE, by=await an_administrator(partner))
    somebody = await as_person(await a_person())

    assert refusal.value.codes == ["FORBIDDEN"]
    assert await names(ask, somebody, QUEUE, "programmeReviewQueue") == []


async def test_strangers_see_nothing(ask: Ask, time: Clock) -> None:
    partner = await a_ready_company(time)
    application = await a_submission(of=partner, programme=await csp(), now=time.now)
    role = await RoleCertification.get(partner_id=partner.id)
    file = await StoredFile.filter(attached_to=application.id).first()
    assert file is not None
    nodes = [
        ids.encode("app", application.id),
        ids.encode("rlc", role.id),
        ids.encode("fil", file.id),
        ids.encode("biz", (await BusinessInformation.get(partner_id=partner.id)).id),
    ]
    query = """
    query ($nodes: [ID!]!, $partner: ID!) {
      nodes(ids: $nodes) { id }
      partner(id: $partner) { id }
      programmeApplications(first: 5) { totalCount { value } }
      agreementSignatures(first: 5) { totalCount { value } }
      roleCertifications(first: 5) { totalCount { value } }
      programmeInvitations(first: 5) { totalCount { value } }
      heldCertificates(first: 5) { totalCount { value } }
      improvementPlans(first: 5) { totalCount { value } }
    }
    """

    for stranger in (
        await an_administrator(await a_partner("Other")),
        await as_person(await a_person()),
    ):
        found = await ask(query, by=stranger, nodes=nodes, partner=ids.encode("ptn", partner.id))
        assert found.pop("nodes") == [None] * 4
        assert found.pop("partner") is None
        assert {field["totalCount"]["value"] for field in found.values()} == {0}


async def test_a_distributor_sees_what_its_reseller_joined_and_not_its_papers(
    ask: Ask, time: Clock
) -> None:
    distributor = await a_distributor()
    reseller = await a_partner("Reseller", distributor=distributor)
    programme = await Programme.get(code="HCPN")
    await a_membership(of=reseller, programme=programme, now=time.now)
    await business_information(of=reseller)
    draft = await a_draft(of=reseller, programme=await csp(), now=time.now)
    file = await a_file(of=reseller, now=time.now)
    query = """
    query ($file: ID!) {
      programmeApplications(first: 5) { nodes { programme { code } evidence { kind } } }
      businessInformations(first: 5) { nodes { id } }
      agreementSignatures(first: 5) { nodes { id } }
      storedFile(id: $file) { id }
    }
    """
    cancel = (
        f"mutation ($id: ID!) {{ programmeApplicationCancel(input: {{id: $id}}) {{ {ERRORS} }} }}"
    )
    by = await an_administrator(distributor)

    seen = await ask(query, by=by, file=ids.encode("fil", file.id))
    refused = await ask(cancel, by=by, id=ids.encode("app", draft.id))

    codes = [each["programme"]["code"] for each in seen["programmeApplications"]["nodes"]]
    assert codes == ["CSP", "HCPN"]
    assert seen["businessInformations"] == seen["agreementSignatures"] == {"nodes": []}
    assert seen["storedFile"] is None
    [error] = refused["programmeApplicationCancel"]["errors"]
    assert error["code"] == "OWN_PARTNER_ONLY"
    assert (await ProgrammeApplication.get(id=draft.id)).status == "DRAFT"


async def test_who_may_not_apply_is_told_which_right_is_needed(ask: Ask, time: Clock) -> None:
    partner = await a_company()
    manager = await as_operator(await an_operator(of=partner, role=Preset.ACCOUNT_MANAGER))

    with pytest.raises(Refused) as refusal:
        await ask(CREATE, by=manager, input={"programmeId": ids.encode("pgm", (await csp()).id)})
    [found] = (await ask(PROGRAMME, by=manager, code=["CSP"]))["programmes"]["nodes"]

    assert refusal.value.codes == ["FORBIDDEN"]
    assert found["availableActions"][0]["blockedBy"] == {"code": "FORBIDDEN"}
    assert not await ProgrammeApplication.exists()


async def test_what_was_true_at_submission_stays_so(ask: Ask, time: Clock) -> None:
    partner = await a_ready_company(time)
    application = await a_submission(of=partner, programme=await csp(), now=time.now)
    await Partner.filter(id=partner.id).update(name="Renamed", tier=3)
    query = """
    query ($id: ID!) { programmeApplication(id: $id) { snapshot {
      company kind tier registeredOn contactName
      roles { role stage } agreements { code version } evidence { kind name size } } } }
    """

    found = await ask(query, by=await a_reviewer(), id=ids.encode("app", application.id))

    assert found["programmeApplication"]["snapshot"] == {
        "company": "Acme",
        "kind": "SOLUTION_PROVIDER",
        "tier": 1,
        "registeredOn": "2010-05-01",
        "contactName": "Han Meimei",
        "roles": [{"role": "SERVICE", "stage": "CERTIFIED"}],
        "agreements": [
            {"code": "CSP_AGREEMENT", "version": "1.0"},
            {"code": "CODE_OF_CONDUCT", "version": "1.0"},
        ],
        "evidence": [
            {"kind": kind.value, "name": f"{kind.value}.pdf", "size": 8} for kind in EVIDENCE
        ],
    }
    assert not await Timer.exists()


async def test_the_platform_sees_personal_data_only_with_the_right(ask: Ask, time: Clock) -> None:
    partner = await a_company()
    await Partner.filter(id=partner.id).update(
        contact_email="lilei@example.com", contact_phone="13812345678"
    )
    await business_information(of=partner)
    query = """
    query ($id: ID!) { partner(id: $id) {
      contactEmail contactPhone businessInformation { bankAccount feeTaxRatio } } }
    """
    id = ids.encode("ptn", partner.id)

    masked = await ask(query, by=await a_reviewer(), id=id)
    full = await ask(query, by=await a_reviewer(Item.PERSONAL_DATA_VIEW), id=id)

    assert masked["partner"] == {
        "contactEmail": "l***@example.com",
        "contactPhone": "138****5678",
        "businessInformation": {"bankAccount": "****7890", "feeTaxRatio": "0.0600"},
    }
    assert full["partner"] == {
        "contactEmail": "lilei@example.com",
        "contactPhone": "13812345678",
        "businessInformation": {"bankAccount": "6222021234567890", "feeTaxRatio": "0.0600"},
    }

"""Certificates and agreements on paper: who gets a link, what stands there, and for how long."""

from collections.abc import AsyncIterator
from datetime import date, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from domain.identity.presets import Preset
from domain.programmes import certificates, reviews
from domain.programmes.certificates import BusinessInformationNotCertified
from domain.programmes.certification_guards import RoleNotCertified
from domain.programmes.guards import ApplicationExpired
from kit import clock, ids, links
from kit.problems import NotFound
from kit.status import WrongStatus
from models.audit import Event
from models.certification import BusinessInformationStatus, PathStage
from models.programmes import AgreementSignature, Programme
from tests.conftest import Clock
from tests.factories import a_partner, an_administrator, an_operator, as_operator
from tests.files.conftest import BASE, Desk
from tests.programmes.conftest import Ask
from tests.programmes.factories import (
    a_certified_role,
    a_company,
    a_draft,
    a_membership,
    a_programme,
    a_reviewer,
    a_submission,
    business_information,
)

pytestmark = pytest.mark.usefixtures("presets")

STYLESHEET = Path(__file__).parents[2] / "partner_center" / "static" / "print" / "print.css"


@pytest.fixture
async def desk(monkeypatch: pytest.MonkeyPatch, time: Clock) -> AsyncIterator[Desk]:
    """A client of the pages to print."""
    monkeypatch.setattr(links, "_public_url", BASE)
    async with Desk() as desk:
        yield desk


async def shown(desk: Desk, url: str, language: str) -> str:
    answer = await desk.get(url, params={"lang": language})
    assert answer.status_code == 200
    return answer.text


async def test_the_certificate_of_a_membership_in_both_languages(desk: Desk, time: Clock) -> None:
    """P-08."""
    partner = await a_company("青云")
    await type(partner).filter(id=partner.id).update(name_en="Qingyun <Digital>")
    await business_information(of=partner)
    programme = await a_programme("CSPX", name="客户服务商", validity_months=12)
    member = await a_membership(of=partner, programme=programme, now=time.now)
    by = await as_operator(await an_operator(of=partner, role=Preset.ACCOUNT_MANAGER))

    issued = await certificates.issue_membership(viewer=by, application_id=member.id, now=time.now)

    assert issued.number == f"CSPX-2030-{member.id.hex[-8:].upper()}"
    chinese = await shown(desk, issued.links.page, "zh")
    english = await shown(desk, issued.links.page, "en")
    for text in ("伙伴计划证书", "青云", "客户服务商", issued.number, "2030-02-01", "2031-02-01"):
        assert text in chinese
    for text in ("Certificate of membership", "Qingyun &lt;Digital&gt;", issued.number):
        assert text in english
    event = await Event.get(name="programme_application.certificate_issued")
    assert (event.subject_id, event.after) == (member.id, {"number": issued.number})


async def test_the_page_needs_no_exception_from_a_strict_policy(desk: Desk, time: Clock) -> None:
    partner = await a_company()
    await a_submission(of=partner, programme=await Programme.get(code="HCPN"), now=time.now)
    signature = await AgreementSignature.all().first()
    assert signature is not None

    answer = await desk.get(certificates.links_to(certificates.SIGNATURE, signature.id).page)

    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "<script" not in answer.text
    assert "<style" not in answer.text
    assert "style=" not in answer.text
    assert 'href="/static/print/print.css"' in answer.text
    assert STYLESHEET.read_text()
    assert answer.headers["cache-control"] == "no-store"


async def test_a_pdf_says_the_same_and_has_chinese(desk: Desk, time: Clock) -> None:
    partner = await a_company("青云数智科技有限公司")
    await a_submission(of=partner, programme=await Programme.get(code="HCPN"), now=time.now)
    signature = await AgreementSignature.all().first()
    assert signature is not None
    url = certificates.links_to(certificates.SIGNATURE, signature.id).pdf

    chinese = await desk.get(url, params={"lang": "zh"})
    english = await desk.get(url, headers={"accept-language": "en-GB"})

    assert chinese.headers["content-type"] == "application/pdf"
    assert chinese.content.startswith(b"%PDF-")
    assert b"STSong-Light" in chinese.content
    assert chinese.content.rstrip().endswith(b"%%EOF")
    assert english.content.startswith(b"%PDF-")
    assert english.content != chinese.content
    assert (await desk.get(url, params={"lang": "zh"})).content == chinese.content


async def test_a_signed_agreement_shows_who_signed_what_and_when(desk: Desk, time: Clock) -> None:
    """P-09."""
    partner = await a_company("Acme")
    hcpn = await Programme.get(code="HCPN")
    await a_submission(of=partner, programme=hcpn, now=time.now)
    signature = await AgreementSignature.get(agreement__code="CODE_OF_CONDUCT")

    page = await shown(desk, certificates.links_to(certificates.SIGNATURE, signature.id).page, "zh")

    for text in (
        "合作伙伴行为准则",
        "版本 1.0",
        "Acme",
        "Han Meimei",
        "2030-02-01 07:30 (北京时间)",
        signature.text_sha256,
        "供货路径遵从",
    ):
        assert text in page


async def test_certificates_need_certified_business_information(time: Clock) -> None:
    """P-08."""
    partner = await a_company()
    by = await an_administrator(partner)
    member = await a_membership(of=partner, programme=await a_programme(), now=time.now)
    role = await a_certified_role(of=partner)
    await business_information(of=partner, status=BusinessInformationStatus.REVIEWING)

    with pytest.raises(BusinessInformationNotCertified):
        await certificates.issue_membership(viewer=by, application_id=member.id, now=time.now)
    with pytest.raises(BusinessInformationNotCertified):
        await certificates.issue_role(viewer=by, certification_id=role.id, now=time.now)

    assert not await Event.exists(name__contains="certificate_issued")


async def test_who_is_no_member_has_no_certificate(desk: Desk, time: Clock) -> None:
    partner = await a_company()
    by, reviewer = await an_administrator(partner), await a_reviewer()
    await business_information(of=partner)
    draft = await a_draft(of=partner, programme=await a_programme("A"), by=by, now=time.now)
    member = await a_membership(
        of=partner, programme=await a_programme("B", validity_months=1), now=time.now
    )
    issued = await certificates.issue_membership(viewer=by, application_id=member.id, now=time.now)
    assert member.expires_at is not None

    with pytest.raises(WrongStatus):
        await certificates.issue_membership(viewer=by, application_id=draft.id, now=time.now)
    with pytest.raises(ApplicationExpired):
        await certificates.issue_membership(
            viewer=by, application_id=member.id, now=member.expires_at
        )
    # A link that was given before is dead as well, once it would say what isn't true.
    await reviews.exit(viewer=reviewer, application_id=member.id, reason="left", now=time.now)
    assert (await desk.get(issued.links.page)).status_code == 404
    assert (await desk.get(issued.links.pdf)).status_code == 404


async def test_a_roles_certificate_says_how_far(desk: Desk, time: Clock) -> None:
    partner = await a_company("Acme")
    by = await an_administrator(partner)
    await business_information(of=partner)
    selected = await a_certified_role(of=partner, stage=PathStage.SELECTED)
    with pytest.raises(RoleNotCertified):
        await certificates.issue_role(viewer=by, certification_id=selected.id, now=time.now)
    await (
        type(selected)
        .filter(id=selected.id)
        .update(
            stage=PathStage.DIFFERENTIATED,
            valid_from=date(2029, 6, 1),
            valid_to=date(2030, 2, 1),
            expires_at=time.now + timedelta(hours=1),
        )
    )

    issued = await certificates.issue_role(viewer=by, certification_id=selected.id, now=time.now)

    page = await shown(desk, issued.links.page, "en")
    for text in ("Service partner · differentiated", "2029-06-01", "2030-02-01", issued.number):
        assert text in page
    time.forward(hours=1)
    assert (await desk.get(issued.links.page)).status_code == 404


async def test_strangers_get_no_link(time: Clock) -> None:
    partner = await a_company()
    await business_information(of=partner)
    member = await a_membership(of=partner, programme=await a_programme(), now=time.now)
    role = await a_certified_role(of=partner)
    stranger = await an_administrator(await a_partner("Other"))

    with pytest.raises(NotFound):
        await certificates.issue_membership(viewer=stranger, application_id=member.id, now=time.now)
    with pytest.raises(NotFound):
        await certificates.issue_role(viewer=stranger, certification_id=role.id, now=time.now)


async def test_a_link_ends_and_opens_one_thing(
    desk: Desk, time: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    await a_submission(
        of=await a_company(), programme=await Programme.get(code="HCPN"), now=time.now
    )
    signature = await AgreementSignature.all().first()
    assert signature is not None
    found = certificates.links_to(certificates.SIGNATURE, signature.id)
    path = urlsplit(found.page).path
    assert (await desk.get(path)).status_code == 200

    for wrong in (
        path.replace("signature", "agreement"),
        path.replace("signature", "secrets"),
        path[:-1],
        path + ".txt",
        "/print/signature/x.pdf",
    ):
        assert (await desk.get(wrong)).status_code == 404
    wall = clock.wall()
    monkeypatch.setattr(clock, "wall", lambda: wall + certificates.GOOD_FOR + timedelta(seconds=2))
    assert (await desk.get(path)).status_code == 404


ISSUE = """
mutation ($id: ID!, $key: String) {
  programmeCertificateIssue(input: {id: $id, idempotencyKey: $key}) {
    programmeApplication { status } number printUrl pdfUrl replayed errors { code }
  }
}
"""


async def test_the_api_tells_a_link_once(ask: Ask, time: Clock) -> None:
    partner = await a_company()
    by = await an_administrator(partner)
    member = await a_membership(of=partner, programme=await a_programme(), now=time.now)
    id = ids.encode("app", member.id)

    refused = (await ask(ISSUE, by=by, id=id))["programmeCertificateIssue"]
    assert [error["code"] for error in refused["errors"]] == ["BUSINESS_INFORMATION_NOT_CERTIFIED"]
    assert (refused["number"], refused["printUrl"]) == (None, None)
    await business_information(of=partner)
    first = (await ask(ISSUE, by=by, id=id, key="k"))["programmeCertificateIssue"]
    second = (await ask(ISSUE, by=by, id=id, key="k"))["programmeCertificateIssue"]

    assert first["pdfUrl"] == first["printUrl"] + ".pdf"
    assert (second["replayed"], second["printUrl"]) == (True, None)


async def test_agreements_have_their_text_and_links(ask: Ask, desk: Desk, time: Clock) -> None:
    by = await an_administrator(await a_company())
    query = """
    { agreements(first: 20, filter: {code: ["CSP_AGREEMENT"]}) {
        nodes { version text textEn textSha256 onPaper printUrl pdfUrl } } }
    """

    [found] = (await ask(query, by=by))["agreements"]["nodes"]

    assert found["version"] == "1.0"
    assert found["text"].startswith("一、定义。客户服务商")
    assert found["textEn"].startswith("1. Meaning.")
    assert found["onPaper"] is False
    page = await shown(desk, found["printUrl"], "en")
    assert "The Chinese text binds" in page
    assert (await desk.get(found["pdfUrl"])).content.startswith(b"%PDF-")

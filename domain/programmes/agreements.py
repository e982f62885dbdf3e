"""Agreements: versions of texts, who signed which of them, and on paper where it must be (P-09)."""

import hashlib
from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from domain.identity import permissions
from domain.identity.viewer import Viewer
from domain.programmes import history
from kit import database, texts
from kit.ids import new_id
from kit.problems import InvalidInput, NotFound, Problem
from kit.transaction import lock, transactional
from kit.violations import answering
from models.partners import Partner
from models.programmes import Agreement, AgreementSignature

LONGEST_NAME = 160


class AgreementAlreadySigned(Problem):
    """The partner has signed this very version."""

    en = "{agreement} {version} was signed already."
    zh = "协议 {agreement} {version} 已签署。"
    about = {"agreement": "Its code.", "version": "Which version."}
    agreement: str
    version: str


def text_hash(text: str) -> str:
    """What a signature keeps of the text: SHA-256 in hex."""
    return hashlib.sha256(text.encode()).hexdigest()


async def current(codes: Sequence[str], *, now: datetime) -> list[Agreement]:
    """The versions in force at `now`, in the order of the codes; a code without one is left out."""
    rows = await database.rows(
        """
        select distinct on (code) id from agreement
        where code = any($1) and effective_at <= $2
        order by code, effective_at desc, id desc""",
        list(codes),
        now,
    )
    found = await Agreement.filter(id__in=[row["id"] for row in rows])
    return sorted(found, key=lambda agreement: codes.index(agreement.code))


async def signed(*, partner_id: UUID, agreements: Collection[Agreement]) -> set[UUID]:
    """Which of these versions the partner has signed, by their ids."""
    rows = await AgreementSignature.filter(
        partner_id=partner_id, agreement_id__in=[agreement.id for agreement in agreements]
    )
    return {row.agreement_id for row in rows}


async def sign(
    *, viewer: Viewer, partner_id: UUID, agreements: Sequence[Agreement], now: datetime
) -> list[AgreementSignature]:
    """Sign for the partner, in the open workflow that has it locked, what isn't signed yet."""
    known = await signed(partner_id=partner_id, agreements=agreements)
    assert viewer.actor_id is not None
    return [
        await _keep(
            agreement,
            viewer=viewer,
            partner_id=partner_id,
            signed_by=viewer.actor_id,
            signer_name=viewer.display_name,
            signed_at=now,
            now=now,
        )
        for agreement in agreements
        if agreement.id not in known
    ]


@transactional
async def record_paper(
    *,
    viewer: Viewer,
    partner_id: UUID,
    agreement_id: UUID,
    signer_name: str,
    signed_at: datetime,
    now: datetime,
) -> AgreementSignature:
    """Write down that somebody of the partner signed on paper (P-21).

    Raises AgreementAlreadySigned, NotFound, InvalidInput for a date to come and for an agreement
    that is signed online.
    """
    permissions.require(viewer, "agreementSignatureRecord")
    partner = await lock(Partner, id=partner_id)
    if partner is None:
        raise NotFound(thing="partner", path=("input", "partnerId"))
    agreement = await Agreement.get_or_none(id=agreement_id)
    if agreement is None:
        raise NotFound(thing="agreement", path=("input", "agreementId"))
    if not agreement.on_paper:
        raise InvalidInput(
            reason="This agreement is accepted online, when an application is submitted.",
            reason_zh="该协议须在提交申请时在线签署。",
            path=("input", "agreementId"),
        )
    if signed_at > now:
        raise InvalidInput(
            reason="It can't have been signed after now.",
            reason_zh="签署时间不能晚于当前时间。",
            path=("input", "signedAt"),
        )
    assert viewer.actor_id is not None
    return await _keep(
        agreement,
        viewer=viewer,
        partner_id=partner.id,
        signed_by=viewer.actor_id,
        signer_name=texts.needed(signer_name, longest=LONGEST_NAME, path=("input", "signerName")),
        signed_at=signed_at,
        now=now,
    )


async def _keep(
    agreement: Agreement,
    *,
    viewer: Viewer,
    partner_id: UUID,
    signed_by: UUID,
    signer_name: str,
    signed_at: datetime,
    now: datetime,
) -> AgreementSignature:
    signature = AgreementSignature(
        id=new_id(),
        created_at=now,
        partner_id=partner_id,
        agreement_id=agreement.id,
        signed_by=signed_by,
        signer_name=signer_name,
        signed_at=signed_at,
        text_sha256=agreement.text_sha256,
        on_paper=agreement.on_paper,
    )
    code, version = agreement.code, agreement.version
    with answering(signature_once=lambda: AgreementAlreadySigned(agreement=code, version=version)):
        await signature.insert()
    await history.record(
        "agreement_signature.signed",
        signature,
        viewer=viewer,
        after={
            "agreement": code,
            "version": version,
            "text_sha256": agreement.text_sha256,
        },
        now=now,
    )
    return signature

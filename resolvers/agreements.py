"""Queries about agreements and who signed them, and the platform's record of paper."""

from datetime import datetime

import strawberry

from domain.identity.permissions import describe
from domain.identity.viewer import Viewer
from domain.programmes import agreements
from kit import ids
from kit.reads import Connection, root_connection, root_one
from resolvers.mutation import Outcome, mutation
from schema import agreement_changes as changes
from schema.agreements import Agreement, AgreementSignature
from schema.programme_lists import (
    AgreementFilter,
    AgreementSignatureFilter,
    AgreementSignatureOrder,
)


@strawberry.type
class AgreementQuery:
    agreement: Agreement | None = root_one(
        "A version of an agreement by its id; null when there is none.", prefix="agr"
    )
    agreements: Connection[Agreement] = root_connection(
        "Versions of agreements.", filter=AgreementFilter
    )
    agreement_signature: AgreementSignature | None = root_one(
        "A signature by its id; null when you may not see it.", prefix="sig"
    )
    agreement_signatures: Connection[AgreementSignature] = root_connection(
        "What was signed for your partner; the platform sees all.",
        filter=AgreementSignatureFilter,
        order=AgreementSignatureOrder,
    )


@strawberry.type
class AgreementMutation:
    @mutation(
        "Write down who signed an agreement on paper, and when.",
        changes.AgreementSignatureRecordPayload,
        requires=describe("agreementSignatureRecord"),
    )
    async def agreement_signature_record(
        self, viewer: Viewer, input: changes.AgreementSignatureRecordInput, now: datetime
    ) -> Outcome:
        signature = await agreements.record_paper(
            viewer=viewer,
            partner_id=ids.decode("ptn", input.partner_id, path=("input", "partnerId")),
            agreement_id=ids.decode("agr", input.agreement_id, path=("input", "agreementId")),
            signer_name=input.signer_name,
            signed_at=input.signed_at,
            now=now,
        )
        return Outcome(agreement_signature=signature.id)

"""Signatures on paper: input and payload."""

import strawberry

from domain.programmes.agreements import AgreementAlreadySigned
from schema.agreements import AgreementSignature
from schema.inputs import idempotency_key
from schema.payloads import made, payload
from schema.scalars import DateTime


@strawberry.input(description="What was signed on paper, by whom and when.")
class AgreementSignatureRecordInput:
    """For `agreementSignatureRecord`."""

    partner_id: strawberry.ID = strawberry.field(description="For which partner.")
    agreement_id: strawberry.ID = strawberry.field(
        description="A version of an agreement that is signed on paper."
    )
    signer_name: str = strawberry.field(description="Who signed, at most 160 characters.")
    signed_at: DateTime = strawberry.field(description="When, not after now.")
    idempotency_key: str | None = idempotency_key()


@payload(errors=(AgreementAlreadySigned,))
class AgreementSignatureRecordPayload:
    agreement_signature: AgreementSignature | None = made("The signature.")

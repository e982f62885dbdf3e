"""Project specialists: inputs and payloads."""

import strawberry

from domain.members.evidence import EvidenceOfUnknownType, EvidenceTooLarge
from domain.members.guards import ManagedByItsPartner, MemberUnlinked
from kit.status import WrongStatus
from schema.inputs import idempotency_key
from schema.members import Member
from schema.payloads import made, payload

_MEMBER = "The member as it stands now."


@strawberry.input(description="A file that proves something.")
class EvidenceInput:
    """Small enough to travel inside the request."""

    name: str = strawberry.field(description="Its file name, at most 120 characters.")
    content: str = strawberry.field(
        description="A PDF, PNG or JPEG of at most 131,072 bytes, as base64."
    )


@strawberry.input(description="Which member.")
class MemberSpecialistInput:
    """For the mutations that need nothing else."""

    member_id: strawberry.ID = strawberry.field(description="The member.")
    idempotency_key: str | None = idempotency_key()


@strawberry.input(description="Which member, and why not.")
class MemberSpecialistRefusalInput:
    """For the platform's refusals."""

    member_id: strawberry.ID = strawberry.field(description="The member.")
    reason: str = strawberry.field(description="Why, for the partner, at most 500 characters.")
    idempotency_key: str | None = idempotency_key()


@strawberry.input(description="Which member is to be no specialist any more, and why.")
class MemberSpecialistCancelInput:
    """For `memberSpecialistCancel`."""

    member_id: strawberry.ID = strawberry.field(description="The member.")
    reason: str = strawberry.field(description="Why, for the platform, at most 500 characters.")
    file: EvidenceInput = strawberry.field(description="What proves the reason.")
    idempotency_key: str | None = idempotency_key()


_BY_PARTNER = (ManagedByItsPartner, MemberUnlinked, WrongStatus)
_BY_PLATFORM = (MemberUnlinked, WrongStatus)


@payload(errors=_BY_PARTNER)
class MemberSpecialistApplyPayload:
    member: Member | None = made(_MEMBER)


@payload(errors=_BY_PLATFORM)
class MemberSpecialistApprovePayload:
    member: Member | None = made(_MEMBER)


@payload(errors=_BY_PLATFORM)
class MemberSpecialistRejectPayload:
    member: Member | None = made(_MEMBER)


@payload(errors=(*_BY_PARTNER, EvidenceTooLarge, EvidenceOfUnknownType))
class MemberSpecialistCancelPayload:
    member: Member | None = made(_MEMBER)


@payload(errors=_BY_PARTNER)
class MemberSpecialistCancelWithdrawPayload:
    member: Member | None = made(_MEMBER)


@payload(errors=_BY_PLATFORM)
class MemberSpecialistCancelApprovePayload:
    member: Member | None = made(_MEMBER)


@payload(errors=_BY_PLATFORM)
class MemberSpecialistCancelRejectPayload:
    member: Member | None = made(_MEMBER)

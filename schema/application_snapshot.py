"""What was true of a partner when its application was submitted, frozen."""

from datetime import date
from typing import Any

import strawberry

from models.partners import PartnerKind
from schema.certification_enums import CertifiedRole, PathStage
from schema.programme_evidence import ProgrammeEvidenceKind
from schema.scalars import Date


@strawberry.type(description="A role that was certified at that time.")
class SnapshotRole:
    role: CertifiedRole = strawberry.field(description="Which role.")
    stage: PathStage = strawberry.field(description="How far.")


@strawberry.type(description="An agreement that was signed by then.")
class SnapshotAgreement:
    code: str = strawberry.field(description="Its code.")
    version: str = strawberry.field(description="Which version.")
    sha256: str = strawberry.field(description="SHA-256 of its text, in hex.")


@strawberry.type(description="A file that was attached.")
class SnapshotFile:
    kind: ProgrammeEvidenceKind = strawberry.field(description="What it was to prove.")
    name: str = strawberry.field(description="Its file name.")
    size: int = strawberry.field(description="In bytes.")
    sha256: str = strawberry.field(description="SHA-256 of its content, in hex.")


@strawberry.type(description="What was true when an application was submitted.")
class ApplicationSnapshot:
    company: str = strawberry.field(description="The partner's registered name.")
    kind: PartnerKind = strawberry.field(description="What it was in the channel.")
    tier: int = strawberry.field(description="Its tier.")
    registered_on: Date | None = strawberry.field(description="When the company was founded.")
    contact_name: str = strawberry.field(description="Whom the platform might ask.")
    statement: str = strawberry.field(description="What the partner wrote.")
    roles: list[SnapshotRole] = strawberry.field(description="The roles that were certified.")
    agreements: list[SnapshotAgreement] = strawberry.field(description="What was signed.")
    evidence: list[SnapshotFile] = strawberry.field(description="What was attached.")


def snapshot_of(row: Any, _: Any) -> ApplicationSnapshot | None:
    """Read what is kept; None while nothing is."""
    kept = row.snapshot
    if not kept:
        return None
    founded = kept["registered_on"]
    return ApplicationSnapshot(
        company=kept["company"],
        kind=PartnerKind(kept["kind"]),
        tier=kept["tier"],
        registered_on=Date(date.fromisoformat(founded)) if founded else None,
        contact_name=kept["contact_name"],
        statement=kept["statement"],
        roles=[
            SnapshotRole(role=CertifiedRole(each["role"]), stage=PathStage(each["stage"]))
            for each in kept["roles"]
        ],
        agreements=[SnapshotAgreement(**each) for each in kept["agreements"]],
        evidence=[
            SnapshotFile(**(each | {"kind": ProgrammeEvidenceKind(each["kind"])}))
            for each in kept["evidence"]
        ],
    )

"""Judging a partner's stage on a path, whenever what it has achieved is counted anew."""

from collections.abc import Mapping
from datetime import date, datetime
from uuid import UUID

from domain.identity.viewer import Viewer
from domain.programmes import deadlines, history, stages
from domain.programmes.deadlines import today
from kit import database, timers
from kit.problems import InvalidInput, NotFound
from kit.transaction import lock
from models.certification import Achievement, PathRequirement, PathStage, RoleCertification
from models.partners import Partner

# Counted from the certificates that accounts hold, so nobody enters their number.
COUNTED = (Achievement.HCIA, Achievement.HCIP, Achievement.HCSA_HCSP)


async def lock_partner(partner_id: UUID) -> Partner:
    """The partner that the platform names, held. Raises NotFound."""
    partner = await lock(Partner, id=partner_id)
    if partner is None:
        raise NotFound(thing="partner", path=("input", "partnerId"))
    return partner


def refuse_future(day: date, field: str, now: datetime) -> None:
    """Raise InvalidInput for a day that hasn't begun in Shanghai."""
    if day > today(now):
        raise InvalidInput(
            reason="It can't be after today.",
            reason_zh="日期不能晚于今天。",
            path=("input", field),
        )


async def count_anew(partner: Partner, *, viewer: Viewer, on: date, now: datetime) -> None:
    """Judge every path of the partner on which certificates count, where their number changed."""
    fresh = await counted(partner.id)
    rows = (
        await RoleCertification.filter(partner_id=partner.id)
        .order_by("id")
        .select_for_update(no_key=True)
    )
    for row in rows:
        if any(row.achievements.get(name, 0) != count for name, count in fresh.items()):
            await judge(row, row.achievements | fresh, on=on, viewer=viewer, now=now)


async def counted(partner_id: UUID) -> dict[str, int]:
    """Accounts, not papers; of HCSA and HCSP an account needs both to count once (P-16)."""
    found = await database.row(
        """
        select count(*) filter (where 'HCIA' = any(kinds)) as "HCIA",
               count(*) filter (where 'HCIP' = any(kinds)) as "HCIP",
               count(*) filter (where kinds @> array['HCSA', 'HCSP']) as "HCSA_HCSP"
        from (select array_agg(kind::text) as kinds from held_certificate
              where partner_id = $1 group by account_name) as account""",
        partner_id,
    )
    assert found is not None
    return {name.value: int(found[name.value]) for name in COUNTED}


async def judge(
    row: RoleCertification,
    achieved: Mapping[str, int],
    *,
    on: date,
    viewer: Viewer,
    now: datetime,
) -> None:
    """Write down what was achieved, and the stage that it leads to by what was asked on that day.

    The caller has the partner locked. Certified anew, it has no end until one is set.
    """
    if row.expires_at is not None and row.expires_at <= now:
        await deadlines.expire_roles(subject_ids=[row.id], now=now)
        await row.refresh_from_db()
    requirements = await PathRequirement.filter(role=row.role)
    judgement = stages.judge(stages.path_of(requirements, role=row.role, on=on), achieved)
    before = {"stage": row.stage.value, **row.achievements}
    row.achievements = {name: count for name, count in achieved.items() if count}
    row.missing = [lacking._asdict() for lacking in judgement.missing]
    row.judged_on = on
    if judgement.stage is PathStage.SELECTED:
        row.valid_from = row.valid_to = row.expires_at = None
    if row.expires_at is None:
        await timers.cancel(deadlines.EXPIRE_ROLE, subject_id=row.id)
    row.stage = judgement.stage
    if row.stage is not PathStage.SELECTED and row.valid_from is None:
        row.valid_from = on
    row.version += 1
    await row.save(
        update_fields=[
            "achievements",
            "missing",
            "judged_on",
            "stage",
            "valid_from",
            "valid_to",
            "expires_at",
            "version",
        ]
    )
    await history.record(
        "role_certification.judged",
        row,
        viewer=viewer,
        before=before,
        after={"stage": row.stage.value, **row.achievements},
        now=now,
    )

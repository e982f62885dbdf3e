"""Quiet digests: mails that can wait are held, and go out together once a day."""

from datetime import datetime
from typing import Any

import orjson

from kit import database
from kit.faults import reach
from kit.ids import new_id
from kit.transaction import transactional

MOST = 200  # mails in one digest; what is more comes with the next look

# The next time that it is `{hour}` o'clock in Shanghai, which knows no summer time.
NEXT_DIGEST = (
    "(select case when at.today > {now} then at.today else at.today + interval '1 day' end"
    " from (select (date_trunc('day', {now} at time zone 'Asia/Shanghai')"
    " + make_interval(hours => {hour})) at time zone 'Asia/Shanghai' as today) at)"
)


async def fold_due(*, scheduled_for: datetime, now: datetime) -> None:
    """Fold what is held and due into one mail a reader."""
    while await _fold_next(now=now):
        pass


@transactional
async def _fold_next(*, now: datetime) -> bool:
    first = await database.row(
        "select recipient from mail where status = 'HELD' and next_attempt_at <= $1"
        " order by recipient, next_attempt_at limit 1 for update skip locked",
        now,
    )
    if first is None:
        return False
    held = await database.rows(
        "select id, tenant_id, locale, template, facts, created_at from mail"
        " where status = 'HELD' and recipient = $1 and next_attempt_at <= $2"
        f" order by id limit {MOST} for update",
        first["recipient"],
        now,
    )
    # The key is of its first mail, which is in no other digest.
    await database.execute(
        """
        insert into mail (id, created_at, tenant_id, recipient, locale, template, facts,
            dedupe_key, status, attempts, next_attempt_at)
        values ($1, $2, $3, $4, $5, 'digest', $6::jsonb, $7, 'QUEUED', 0, $2)""",
        *(new_id(), now, held[0]["tenant_id"], first["recipient"], held[-1]["locale"]),
        *(orjson.dumps({"mails": [_kept(mail) for mail in held]}).decode(),),
        f"digest:{held[0]['id']}",
    )
    await database.execute(
        "update mail set status = 'FOLDED', sent_at = $2 where id = any($1)",
        [mail["id"] for mail in held],
        now,
    )
    reach("notifications.folded")
    return True


def _kept(mail: dict[str, Any]) -> dict[str, Any]:
    return {
        "template": mail["template"],
        "facts": orjson.loads(mail["facts"]),
        "at": mail["created_at"].isoformat(),
    }

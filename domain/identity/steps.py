"""Step-up verification: a code by mail before a sensitive operation (O-10, O-11)."""

import hmac
from datetime import datetime, timedelta
from math import ceil

from domain.audit import events
from domain.audit.events import PLATFORM_TENANT
from domain.identity import tenants
from domain.identity.permissions import require
from domain.identity.viewer import Viewer, ViewerKind
from kit import clock, database, links
from kit.ids import new_id
from kit.pool import readers
from kit.problems import Forbidden, InvalidInput, Problem
from kit.transaction import lock, transactional
from models.identity import Person
from models.notifications import Mail
from models.partners import Partner
from models.steps import StepUpCode

LIFETIME = timedelta(minutes=10)
ATTEMPTS = 5
CODES = 3  # in one lifetime

PURPOSE = "step-up-code"

# Names of mutations, and what they do in English and Chinese; whoever adds a sensitive one adds it.
SENSITIVE: dict[str, tuple[str, str]] = {
    "partnerStepUpSet": ("turn step-up verification off", "关闭敏感操作验证"),
    "associationSwitchRequest": ("ask for a switch of an association", "发起切换关联类型"),
    "associationEndRequest": ("ask for the end of an association", "发起解除关联"),
    "associationChangeApprove": ("agree to a change of an association", "同意变更关联关系"),
    "associationChangeReject": ("refuse a change of an association", "驳回变更关联关系"),
    "onBehalfAuthorizationGrant": ("let the partner act on your behalf", "同意代客授权"),
    "onBehalfAuthorizationRevoke": ("end acting on your behalf", "取消代客授权"),
}


class StepUpRequired(Problem):
    """The partner asks for a code by mail before this operation, and none was given."""

    en = "Ask for a code with `stepUpCodeRequest` and pass it as `stepUpCode`."
    zh = "伙伴已开启验证码验证,请先获取验证码,并通过 stepUpCode 传入。"
    about = {"operation": "The `operation` to ask a code for."}
    operation: str


class StepUpCodeWrong(Problem):
    """The code isn't the one that was sent last, or it is used up or too old."""

    en = "This code is wrong or no longer good; {attempts_left} attempts are left."
    zh = "验证码错误或已失效,剩余尝试次数:{attempts_left}。"
    about = {"attempts_left": "How often the code that was sent last can still be tried."}
    attempts_left: int


class StepUpThrottled(Problem):
    """Three codes were sent within ten minutes."""

    en = "Too many codes were sent. Ask again in {retry_after_seconds} seconds."
    zh = "验证码发送过于频繁,请在 {retry_after_seconds} 秒后重试。"
    about = {"retry_after_seconds": "When a code can be sent again, in seconds from now."}
    retryable = True
    retry_after_seconds: int


@transactional
async def request_code(*, viewer: Viewer, operation: str, now: datetime) -> StepUpCode:
    """Mail the viewer a code for one operation; it is good for ten minutes of wall time.

    Earlier codes for the operation are void. Raises StepUpThrottled after three in ten minutes,
    InvalidInput for what needs no code, Forbidden for systems, who have no mailbox.
    """
    require(viewer, "stepUpCodeRequest")
    _check_operation(operation)
    if viewer.person_id is None:
        raise Forbidden(needs="PERSON")
    person = await lock(Person, id=viewer.person_id)
    assert person is not None
    wall = clock.wall()
    await StepUpCode.filter(person_id=person.id, created_at__lte=wall - timedelta(days=1)).delete()
    sent = await StepUpCode.filter(person_id=person.id, created_at__gt=wall - LIFETIME).order_by(
        "-created_at"
    )
    if len(sent) >= CODES:
        free_at = sent[CODES - 1].created_at + LIFETIME
        raise StepUpThrottled(retry_after_seconds=ceil((free_at - wall).total_seconds()))

    code = await StepUpCode.create(
        id=new_id(),
        created_at=wall,
        person_id=person.id,
        operation=operation,
        expires_at=wall + LIFETIME,
    )
    en, zh = SENSITIVE[operation]
    await Mail.create(
        created_at=now,
        tenant_id=viewer.partner_id or PLATFORM_TENANT,
        recipient=person.email,
        locale=person.locale,
        template="step_up_code",
        facts={
            "code": {"purpose": PURPOSE, "id": str(code.id)},
            "operation": {"en": en, "zh": zh},
        },
        dedupe_key=f"step_up_code:{code.id}",
        next_attempt_at=now,
    )
    return code


async def require_step_up(viewer: Viewer, operation: str, code: str | None, now: datetime) -> None:
    """Let those pass whose partner asks for no code, and those who give the right one; once.

    `operation` is the mutation's name, one of SENSITIVE. Call it in the workflow's transaction,
    after the rights and before any lock: the code is used up when the workflow commits, while a
    wrong one counts in any case. A customer's person is asked when the customer's partner has
    turned it on; the platform never is; a system has no mailbox, so it can't pass. Raises
    StepUpRequired or StepUpCodeWrong.
    """
    assert operation in SENSITIVE
    if not await _is_asked(viewer):
        return
    code = (code or "").strip()
    if not code or viewer.person_id is None:
        raise StepUpRequired(operation=operation)
    sent = (
        await StepUpCode.filter(person_id=viewer.person_id, operation=operation)
        .order_by("-created_at", "-id")
        .first()
    )
    left = await _try(sent) if sent is not None else None
    if sent is None or left is None:
        raise StepUpCodeWrong(attempts_left=0, path=("input", "stepUpCode"))
    is_right = hmac.compare_digest(code.encode(), links.code(PURPOSE, id=sent.id).encode())
    if not is_right or not await StepUpCode.filter(id=sent.id, used_at=None).update(
        used_at=clock.wall()
    ):
        raise StepUpCodeWrong(attempts_left=left, path=("input", "stepUpCode"))


@transactional
async def set_enabled(
    *, viewer: Viewer, enabled: bool, code: str | None = None, now: datetime
) -> Partner:
    """Turn the codes of the viewer's partner on or off; turning them off asks for one itself."""
    require(viewer, "partnerStepUpSet")
    if not enabled:
        await require_step_up(viewer, "partnerStepUpSet", code, now)
    partner = await tenants.locked(viewer, None)
    if partner.step_up_enabled is enabled:
        return partner

    partner.step_up_enabled = enabled
    partner.version += 1
    await partner.save(update_fields=["step_up_enabled", "version"])
    await events.record(
        "partner.step_up_set",
        actor=viewer,
        subject_type="partner",
        subject_id=partner.id,
        tenant_id=partner.id,
        before={"step_up_enabled": not enabled},
        after={"step_up_enabled": enabled},
        at=now,
    )
    return partner


def _check_operation(operation: str) -> None:
    if operation not in SENSITIVE:
        raise InvalidInput(
            reason=f"{operation[:80]!r} is no operation that a code is asked for.",
            reason_zh="该操作无需验证码。",
            path=("input", "operation"),
        )


async def _is_asked(viewer: Viewer) -> bool:
    if viewer.kind not in (ViewerKind.OPERATOR, ViewerKind.CUSTOMER):
        return False
    partner = await database.row(
        "select step_up_enabled from partner where id ="
        " coalesce($1, (select partner_id from customer where id = $2))",
        viewer.partner_id,
        viewer.customer_id,
    )
    return partner is not None and partner["step_up_enabled"]


async def _try(code: StepUpCode) -> int | None:
    """Count one attempt, at once and for good; how many are left, None when it is void.

    Apart from the open transaction, which a wrong code rolls back: else guessing would be free.
    """
    connection = await readers().apart()
    try:
        attempts: int | None = await connection.fetchval(
            "update step_up_code set attempts = attempts + 1"
            " where id = $1 and used_at is null and expires_at > $2 and attempts < $3"
            " returning attempts",
            code.id,
            clock.wall(),
            ATTEMPTS,
        )
    finally:
        await connection.close()
    return None if attempts is None else ATTEMPTS - attempts

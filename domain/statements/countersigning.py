"""Countersigning a statement (会签): each signer once, each another, none of them the reviewer."""

from datetime import datetime
from uuid import UUID

from domain.identity import permissions
from domain.identity.viewer import Viewer
from domain.statements import guards, history, policy, sheets, steps
from kit import faults
from kit.ids import new_id
from kit.problems import NotFound, Problem
from kit.transaction import transactional
from models.statement_steps import SignerRole, StatementSignature
from models.statements import Statement
from models.statements import StatementStatus as Status


class AlreadySigned(Problem):
    """A signature is given once."""

    en = "It was signed for {role} already."
    zh = "该账单的 {role} 会签已完成。"
    about = {"role": "In whose name."}
    role: str


class SignedByYou(Problem):
    """Four eyes are those of two people."""

    en = "You have signed this statement for {role}; somebody else has to sign for the rest."
    zh = "您已完成 {role} 会签,其余会签须由他人完成。"
    about = {"role": "In whose name you have signed."}
    role: str


@transactional
async def start(*, viewer: Viewer, statement_id: UUID, now: datetime) -> Statement:
    """Begin the payment process: the signatures that are wanted are written down."""
    permissions.require(viewer, "statementCountersignStart")
    statement = await steps.held(statement_id, guards.start_countersigning, viewer=viewer, now=now)
    for role in policy.SIGNERS:
        await StatementSignature(
            id=new_id(), created_at=now, statement_id=statement.id, role=role
        ).insert()
    await steps.move(
        statement, Status.TO_COUNTERSIGN, "countersigning_started", viewer=viewer, now=now
    )
    return statement


@transactional
async def sign(*, viewer: Viewer, statement_id: UUID, role: SignerRole, now: datetime) -> Statement:
    """Approve it in the name of `role`; after the last signature a payment sheet is asked for.

    Each name has a right of its own. Raises WrongStatus, ReviewedByYou, AlreadySigned,
    SignedByYou, AlreadyCountersigned, and NotFound when nobody has to sign in that name.
    """
    permissions.require(viewer, "statementCountersign")
    viewer.require(guards.SIGNS[role])
    statement = await steps.held(statement_id, guards.countersign, viewer=viewer, now=now)
    signatures = await StatementSignature.filter(statement_id=statement.id).order_by("id")
    wanted = next((each for each in signatures if each.role is role), None)
    if wanted is None:
        raise NotFound(thing="signer", path=("input", "role"))
    if wanted.signed_at is not None:
        raise AlreadySigned(role=role.value, path=("input", "role"))
    mine = next((each for each in signatures if each.signed_by == viewer.actor_id), None)
    if mine is not None and viewer.actor_id is not None:
        raise SignedByYou(role=mine.role.value)
    wanted.signed_by, wanted.signed_at = viewer.actor_id, now
    await wanted.save(update_fields=["signed_by", "signed_at"])
    faults.reach("statement.signed")
    await history.of(
        "signed", statement, viewer=viewer, after={"role": role.value}, is_internal=True, now=now
    )
    if statement.status is Status.TO_COUNTERSIGN:
        await steps.move(statement, Status.COUNTERSIGNING, "countersigning", viewer=viewer, now=now)
    if all(each.signed_at is not None for each in signatures):
        statement.countersigned_at = now
        await sheets.ask(statement, now=now)
        await steps.save(statement)
        await history.of("countersigned", statement, viewer=viewer, now=now)
    return statement

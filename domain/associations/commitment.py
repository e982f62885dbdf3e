"""The two letters around acting on behalf: the partner's commitment, the customer's consent (C-23).

A partner accepts the commitment letter once, with its first request; a customer its own letter
with every grant. A new text gets a new version.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cache
from pathlib import Path
from uuid import UUID

from domain.audit import events
from domain.identity.viewer import Viewer
from kit import database
from kit.ids import new_id
from kit.problems import Problem
from models.associations import CommitmentLetter

_TEXTS = Path(__file__).parent / "letter_texts"


class Letter(StrEnum):
    """Who has to accept which text."""

    COMMITMENT = "COMMITMENT"
    CONSENT = "CONSENT"


VERSIONS = {Letter.COMMITMENT: "2030-01", Letter.CONSENT: "2030-01"}


class LetterNotAccepted(Problem):
    """A letter has to be read and accepted first, in the version that is in force."""

    en = "Read the letter {letter} with `onBehalfLetter` and accept its version {version}."
    zh = "请先通过 onBehalfLetter 阅读 {letter} 并接受其版本 {version}。"
    about = {"letter": "Which letter.", "version": "The version that is in force."}
    letter: str
    version: str


@dataclass(frozen=True, slots=True)
class LetterText:
    """A letter as it is shown."""

    letter: Letter
    version: str
    text: str


@cache
def text(letter: Letter, locale: str) -> LetterText:
    """The letter in force, in Chinese for any `zh` locale, else in English."""
    language = "zh" if locale.startswith("zh") else "en"
    path = _TEXTS / f"{letter.lower()}.{language}.txt"
    return LetterText(letter, VERSIONS[letter], path.read_text(encoding="utf-8"))


def check(letter: Letter, accepted: str | None, *, path: tuple[str, ...]) -> None:
    """Raise LetterNotAccepted unless the version in force is the accepted one."""
    if accepted != VERSIONS[letter]:
        raise LetterNotAccepted(letter=letter.value, version=VERSIONS[letter], path=path)


async def commit(*, viewer: Viewer, partner_id: UUID, version: str | None, now: datetime) -> None:
    """Keep that the partner accepts the commitment letter, unless it has done so before.

    Raises LetterNotAccepted.
    """
    if await CommitmentLetter.exists(partner_id=partner_id):
        return
    check(Letter.COMMITMENT, version, path=("input", "commitmentVersion"))
    kept = await database.row(
        "insert into commitment_letter (id, created_at, partner_id, version, accepted_by)"
        " values ($1, $2, $3, $4, $5) on conflict (partner_id) do nothing returning id",
        *(new_id(), now, partner_id, VERSIONS[Letter.COMMITMENT], viewer.actor_id),
    )
    if kept is None:  # a colleague, in the same instant
        return
    await events.record(
        "partner.commitment_accepted",
        actor=viewer,
        subject_type="partner",
        subject_id=partner_id,
        tenant_id=partner_id,
        after={"version": VERSIONS[Letter.COMMITMENT]},
        at=now,
    )

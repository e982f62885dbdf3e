"""How far achievements lead on a path: arithmetic over requirements that are data (P-13…P-17)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from models.certification import Achievement, CertifiedRole, PathRequirement, PathStage

# In the order of the path; each asks for what the one before asks for as well (P-13).
AHEAD = (PathStage.CERTIFIED, PathStage.DIFFERENTIATED)


class Needed(NamedTuple):
    """So many of an achievement; what is more than needed of `substitute` stands in (P-16)."""

    achievement: Achievement
    least: int
    substitute: Achievement | None = None


class Lacking(NamedTuple):
    """How many of an achievement there are, and how many are asked for."""

    achievement: Achievement
    have: int
    least: int


@dataclass(frozen=True, slots=True)
class Judgement:
    """The stage that is reached, and what the next one still asks for."""

    stage: PathStage
    missing: list[Lacking]


Path = Mapping[PathStage, Sequence[Needed]]


def path_of(requirements: Iterable[PathRequirement], *, role: CertifiedRole, on: date) -> Path:
    """What the role's stages ask on that day: of each achievement, what came into force last."""
    latest: dict[tuple[PathStage, Achievement], PathRequirement] = {}
    for row in requirements:
        key = row.stage, row.achievement
        if row.role is role and row.valid_from <= on:
            known = latest.get(key)
            if known is None or known.valid_from < row.valid_from:
                latest[key] = row
    path: dict[PathStage, list[Needed]] = {stage: [] for stage in AHEAD}
    for (stage, achievement), row in sorted(latest.items()):
        if row.least > 0:
            path[stage].append(Needed(achievement, row.least, row.substitute))
    return path


def judge(path: Path, achievements: Mapping[str, int]) -> Judgement:
    """Walk the path as far as it goes; a stage that asks for nothing is never reached."""
    reached = PathStage.SELECTED
    for stage in AHEAD:
        lacking = missing(path[stage], achievements)
        if lacking or not path[stage]:
            return Judgement(reached, lacking)
        reached = stage
    return Judgement(reached, [])


def missing(needed: Sequence[Needed], achievements: Mapping[str, int]) -> list[Lacking]:
    """Which of them aren't met; a surplus stands in once."""
    least = {each.achievement: each.least for each in needed}
    surplus = {
        achievement: max(0, achievements.get(achievement, 0) - least.get(achievement, 0))
        for achievement in {each.substitute for each in needed if each.substitute}
    }
    lacking = []
    for each in needed:
        have = achievements.get(each.achievement, 0)
        if each.substitute is not None and have < each.least:
            stand_in = min(surplus[each.substitute], each.least - have)
            surplus[each.substitute] -= stand_in
            have += stand_in
        if have < each.least:
            lacking.append(Lacking(each.achievement, have, each.least))
    return lacking

"""Programmes, agreements and path requirements as data: the presets become rows, once.

What is there already is the deployment's own and never overwritten; a changed text is published
as a new version, a changed requirement as a row with a later `valid_from`.
"""

from dataclasses import asdict
from datetime import datetime
from enum import Enum
from pathlib import Path
from typing import Any

from domain.programmes import agreements, presets
from kit.ids import new_id
from kit.transaction import transactional
from models.certification import PathRequirement
from models.programmes import Agreement, Programme

_TEXTS = Path(__file__).parent / "agreement_texts"


@transactional
async def ensure_presets(*, now: datetime) -> None:
    """Add what is missing; harmless to call again. For migrations, demo and tests."""
    for agreement in presets.AGREEMENTS:
        if not await Agreement.exists(code=agreement.code):
            text = (_TEXTS / f"{agreement.text}.zh.txt").read_text(encoding="utf-8")
            await publish(
                code=agreement.code,
                version=agreement.version,
                name=agreement.name,
                name_en=agreement.name_en,
                text=text,
                text_en=(_TEXTS / f"{agreement.text}.en.txt").read_text(encoding="utf-8"),
                on_paper=agreement.on_paper,
                effective_at=presets.IN_FORCE_SINCE,
                now=now,
            )
    for programme in presets.PROGRAMMES:
        if not await Programme.exists(code=programme.code):
            await Programme.create(id=new_id(), created_at=now, **_columns(programme))
    if not await PathRequirement.exists():
        for role, stage, achievement, least, substitute in presets.REQUIREMENTS:
            await PathRequirement.create(
                created_at=now,
                role=role,
                stage=stage,
                achievement=achievement,
                least=least,
                substitute=substitute,
                valid_from=presets.REQUIRED_SINCE,
            )


@transactional
async def publish(
    *,
    code: str,
    version: str,
    name: str,
    name_en: str,
    text: str,
    text_en: str,
    on_paper: bool = False,
    effective_at: datetime,
    now: datetime,
) -> Agreement:
    """Put a version of an agreement in force from `effective_at` on; who signed the last one has
    to sign this one before joining anything more. Only the system calls this.
    """
    agreement = Agreement(
        id=new_id(),
        created_at=now,
        code=code,
        version=version,
        name=name,
        name_en=name_en,
        text=text,
        text_en=text_en,
        text_sha256=agreements.text_hash(text),
        on_paper=on_paper,
        effective_at=effective_at,
    )
    await agreement.insert()
    return agreement


def _columns(preset: presets.ProgrammePreset) -> dict[str, Any]:
    return {
        name: [_plain(each) for each in value] if isinstance(value, tuple) else value
        for name, value in asdict(preset).items()
    }


def _plain(value: Any) -> Any:
    return value.value if isinstance(value, Enum) else value

"""The presets become rows once, and what a deployment has changed stays changed."""

from datetime import timedelta

import pytest

from domain.programmes import agreements, catalogue, presets
from models.certification import CertifiedRole, PathRequirement, PathStage
from models.programmes import Admission, Agreement, Programme, ProgrammeEvidenceKind
from tests.conftest import Clock

pytestmark = pytest.mark.usefixtures("presets")


async def test_presets_are_added_once_and_never_overwritten(time: Clock) -> None:
    await Programme.filter(code="CSP").update(name="Renamed", is_open=False)
    await Agreement.filter(code="PCE_TERMS").delete()
    counts = [await model.all().count() for model in (Programme, PathRequirement)]

    await catalogue.ensure_presets(now=time.now)

    csp = await Programme.get(code="CSP")
    assert (csp.name, csp.is_open) == ("Renamed", False)
    assert [await model.all().count() for model in (Programme, PathRequirement)] == counts
    assert await Agreement.all().count() == len(presets.AGREEMENTS)


async def test_every_programme_asks_for_what_there_is() -> None:
    codes = {programme.code for programme in await Programme.all()}
    texts = {agreement.code: agreement for agreement in await Agreement.all()}
    assert {"HCPN", "CSP", "PCE", "LEARNING_ENABLEMENT", "PROCUREMENT"} <= codes
    for programme in await Programme.all():
        assert set(programme.needed_programmes) <= codes
        assert set(programme.agreement_codes) <= texts.keys()
        assert set(programme.needed_roles) <= set(CertifiedRole)
        assert set(programme.needed_evidence) <= set(ProgrammeEvidenceKind)
        assert len(programme.benefits) == len(programme.benefits_en)
        assert len(programme.duties) == len(programme.duties_en)
    for agreement in texts.values():
        assert agreement.text_sha256 == agreements.text_hash(agreement.text)
        assert agreement.text != agreement.text_en


async def test_the_programme_that_nobody_reviews_is_the_one_of_the_rule() -> None:
    """P-25."""
    immediate = await Programme.filter(admission=Admission.IMMEDIATE)

    assert [programme.code for programme in immediate] == ["PCE"]


async def test_every_role_has_a_path_to_its_end() -> None:
    """P-13."""
    for role in CertifiedRole:
        asked = {row.stage for row in await PathRequirement.filter(role=role)}
        assert asked == {PathStage.CERTIFIED, PathStage.DIFFERENTIATED}


async def test_a_version_is_in_force_from_its_instant_on(time: Clock) -> None:
    await catalogue.publish(
        code="PCE_TERMS",
        version="2.0",
        name="条款",
        name_en="Terms",
        text="新",
        text_en="new",
        effective_at=time.now,
        now=time.now,
    )

    for now, version in (
        (time.now - timedelta(microseconds=1), "1.0"),
        (time.now, "2.0"),
    ):
        [found] = await agreements.current(["PCE_TERMS", "UNKNOWN"], now=now)
        assert found.version == version

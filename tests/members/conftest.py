"""Questions to the API in somebody's name, without HTTP around them."""

from collections.abc import Awaitable, Callable
from functools import cache
from typing import Any

import orjson
import pytest
import strawberry
from strawberry.schema.config import StrawberryConfig

from domain.identity.viewer import Viewer
from kit.graphql.schema import Schema
from kit.reads import ReadsExecutor, install
from resolvers.events import EventQuery
from resolvers.identity import IdentityMutation, IdentityQuery
from resolvers.members import MemberMutation, MemberQuery
from resolvers.nodes import NodeQuery
from resolvers.partners import PartnerQuery
from resolvers.specialists import SpecialistMutation
from schema.context import Context
from schema.errors import error_types
from schema.scalars import SCALARS
from tests.conftest import Clock

Ask = Callable[..., Awaitable[Any]]


class Refused(Exception):
    """An answer with errors at the top; `codes` are theirs."""

    def __init__(self, codes: list[str]) -> None:
        super().__init__(", ".join(codes))
        self.codes = codes


@strawberry.type
class Query(MemberQuery, PartnerQuery, EventQuery, IdentityQuery, NodeQuery):
    """What the API can be asked."""


@strawberry.type
class Mutation(MemberMutation, SpecialistMutation, IdentityMutation):
    """What the API can be told."""


@cache
def members_schema() -> Schema:
    """The API without its edge."""
    made = Schema(
        Query,
        Mutation,
        types=error_types(),
        config=StrawberryConfig(scalar_map=SCALARS),
        execution_context_class=ReadsExecutor,
    )
    install(made, guard=Viewer.require_sign_in)
    return made


@pytest.fixture
def ask(time: Clock) -> Ask:
    """Put a question to the API; give back the data, or raise Refused."""

    async def ask(query: str, *, by: Viewer, locale: str = "en", **variables: Any) -> Any:
        answer = await members_schema().execute(
            query,
            variable_values=variables,
            context_value=Context(viewer=by, now=time.now, locale=locale, request_id="test"),
        )
        if answer.errors:
            raise Refused([(error.extensions or {}).get("code", "") for error in answer.errors])
        return orjson.loads(orjson.dumps(answer.data))

    return ask

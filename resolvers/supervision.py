"""Mutations of supervisors and their account managers."""

from datetime import datetime
from uuid import UUID

import strawberry

from domain.identity import supervision
from domain.identity.permissions import describe
from domain.identity.viewer import Viewer
from kit import ids
from resolvers.mutation import Outcome, mutation
from schema.supervision import (
    SupervisorSetInput,
    SupervisorSetPayload,
    SupervisorUnsetInput,
    SupervisorUnsetPayload,
)


@strawberry.type
class SupervisionMutation:
    @mutation(
        "Put an account manager under a supervisor, who sees the manager's customers from now on,"
        " in open sessions too.",
        SupervisorSetPayload,
        requires=describe("supervisorSet"),
    )
    async def supervisor_set(
        self, viewer: Viewer, input: SupervisorSetInput, now: datetime
    ) -> Outcome:
        manager = await supervision.set_supervisor(
            viewer=viewer,
            manager_id=_seat(input.manager_id, "managerId"),
            supervisor_id=_seat(input.supervisor_id, "supervisorId"),
            now=now,
        )
        return Outcome(operator=manager.id)

    @mutation(
        "Leave an account manager without a supervisor.",
        SupervisorUnsetPayload,
        requires=describe("supervisorUnset"),
    )
    async def supervisor_unset(
        self, viewer: Viewer, input: SupervisorUnsetInput, now: datetime
    ) -> Outcome:
        manager = await supervision.unset_supervisor(
            viewer=viewer, manager_id=_seat(input.manager_id, "managerId"), now=now
        )
        return Outcome(operator=manager.id)


def _seat(text: str, field: str) -> UUID:
    return ids.decode("opr", text, path=("input", field))

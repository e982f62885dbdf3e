"""Tortoise's migrations, applied forward without what their statements don't need."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from tortoise import Tortoise
from tortoise.connection import get_connection
from tortoise.migrations.autodetector import MigrationAutodetector
from tortoise.migrations.executor import MigrationExecutor
from tortoise.migrations.graph import MigrationKey
from tortoise.migrations.schema_generator.state import ModelState, State
from tortoise.migrations.schema_generator.state_apps import StateApps


async def apply(
    *, config: dict[str, Any], progress: Callable[[str, str, str], object] | None = None
) -> None:
    """Apply what the database lacks. `progress` is told `(event, app, migration)`.

    Leaves a connection open, and the ORM with the models as the migrations know them: call it in a
    `TortoiseContext` of its own.
    """
    await Tortoise.init(config=config, init_connections=False)
    executor = _Executor(get_connection("default"), config["apps"])
    await executor.migrate(direction="forward", progress=progress)


class Autodetector(MigrationAutodetector):
    """Tortoise's own, with the same state as above: it is asked in every run of the tests."""

    async def _project_state(self) -> State:
        state = _State(models={}, apps=_Apps(queries=False))
        for key in self._full_plan():
            migration = self.loader.graph.nodes[key]
            assert migration is not None
            await migration.apply(state, dry_run=True, schema_editor=None)
        return state


class _Executor(MigrationExecutor):
    """Tortoise's own renders every model twice an operation, queries included: half a second."""

    async def _project_state(
        self, applied: set[MigrationKey], *, upto: MigrationKey | None = None
    ) -> State:
        connections = {
            label: app.get("default_connection", "default")
            for label, app in self.loader.apps_config.items()
        }
        state = _State(models={}, apps=_Apps(default_connections=connections, queries=False))
        for key in self._full_plan():
            if key == upto:
                break
            if key in applied:
                migration = self.loader.graph.nodes[key]
                assert migration is not None
                await migration.apply(state, dry_run=True, schema_editor=None)
        return state


class _Apps(StateApps):
    """Models as a migration knows them; without `queries` they serve to describe tables alone."""

    def __init__(self, *args: Any, queries: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._queries = queries

    def _build_initial_querysets(self) -> None:
        if self._queries:
            super()._build_initial_querysets()


class _State(State):
    """The models after the last operation, which changes tables and asks nothing of them.

    A model that got a constraint is not rendered anew: a class says nothing of those.
    """

    def __init__(self, models: dict[tuple[str, str], ModelState], apps: StateApps) -> None:
        super().__init__(models, apps)
        self._rendered: dict[tuple[str, str], list[object]] = {}

    def reload_model(self, app_label: str, model_name: str) -> None:
        key = (app_label, model_name)
        if self._rendered.get(key) != _told_by(self.models[key]):
            super().reload_model(app_label, model_name)

    def _reload(self, models_to_reload: set[tuple[str, str]]) -> None:
        told = {key: _told_by(self.models[key]) for key in models_to_reload}
        changed = {key for key in told if self._rendered.get(key) != told[key]}
        # A model that comes new is bound to those that are there, as when all are loaded at once.
        # Tortoise renders every model within reach of it, time and again.
        is_new = changed and changed.isdisjoint(self._rendered)
        super()._reload(changed if is_new else models_to_reload)
        self._rendered.update(told)

    def clone(self) -> State:
        return _Before({key: _as_it_is(model) for key, model in self.models.items()}, self.apps)


def _told_by(model: ModelState) -> list[object]:
    """What the class of a model depends on; an operation that changes a field replaces it."""
    options = {name: told for name, told in model.options.items() if name != "constraints"}
    return [*model.fields.items(), options]


def _as_it_is(model: ModelState) -> ModelState:
    """A copy that shares the fields: operations replace them, and only classes change them."""
    return replace(model, options=dict(model.options), fields=dict(model.fields))


class _Before(State):
    """The models before an operation, rendered in full when it looks at them: few do."""

    def __init__(self, models: dict[tuple[str, str], ModelState], later: StateApps) -> None:
        self.models = models
        self._later = later

    def __getattr__(self, name: str) -> StateApps:
        if name != "apps":
            raise AttributeError(name)
        own = {key: model.clone() for key, model in self.models.items()}
        self.apps = self._later.clone(model_states=own)
        return self.apps

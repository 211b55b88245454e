"""The definitions in force: their version is looked at several times a second; when it changed they are read again."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from time import monotonic

from gateway.journey.definitions import Definitions, definitions_of
from gateway.prediction.scoring import Model
from gateway.prediction.training import serving_models
from gateway.settings import Settings
from gateway.storage.database import Database
from gateway.storage.definitions import SETTLED_SECONDS, definition_version, outcome_rows, segment_rows
from gateway.storage.documents.outcome import outcome_from
from gateway.storage.documents.segment import segment_from


@dataclass(frozen=True, slots=True)
class InForce:
    """What a batch is applied with: the site's definitions, and the model that serves each outcome."""

    definitions: Definitions
    models: Mapping[str, Model] = field(default_factory=dict)


def rules_of(settings: Settings) -> Definitions:
    """Return what an operator has set of the definitions; outcomes are read from the database."""
    return Definitions(
        settings.session_timeout,
        settings.contact_expiry,
        default_region=settings.region,
        link_policies=replace(settings.link_policies, apart=settings.contact_divisions),
    )


class DefinitionReader:
    """Reads outcomes and models once per version, and looks at the version when the last look is too long ago.

    `rules` are what an operator has set, without any outcomes.
    """

    def __init__(self, database: Database, rules: Definitions) -> None:
        self._database = database
        self._rules = rules
        self._version: int | None = None
        self._looked_at = float("-inf")
        self._in_force: InForce | None = None

    async def read(self) -> InForce:
        """Return the definitions in force; a change is seen at most SETTLED_SECONDS after it was made."""
        if self._in_force is None or monotonic() - self._looked_at > SETTLED_SECONDS:
            looked_at = monotonic()
            version = await definition_version(self._database)
            if self._in_force is None or version != self._version:
                self._in_force, self._version = await self._load(version), version
            self._looked_at = looked_at
        return self._in_force

    async def _load(self, version: int) -> InForce:
        outcomes = [outcome_from(row) for row in await outcome_rows(self._database)]
        active = [outcome.id for outcome in outcomes if outcome.is_active]
        models = await serving_models(self._database, active, self._in_force.models if self._in_force else None)
        segments = [segment_from(row) for row in await segment_rows(self._database)]
        definitions = definitions_of(outcomes, segments, version, self._rules)
        return InForce(definitions, models)

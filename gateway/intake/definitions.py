"""The definitions in force: their version is looked at several times a second; when it changed they are read again."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from time import monotonic

from gateway.journey.definitions import Definitions
from gateway.journey.outcome import outcomes_by_event_name
from gateway.prediction.scoring import Model
from gateway.prediction.training import model_from
from gateway.settings import Settings
from gateway.storage.database import Database
from gateway.storage.definitions import SETTLED_SECONDS, definition_version, newest_models, outcome_rows
from gateway.storage.documents.outcome import outcome_from


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
        link_policies=settings.link_policies,
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
                self._in_force, self._version = await self._load(), version
            self._looked_at = looked_at
        return self._in_force

    async def _load(self) -> InForce:
        outcomes = [outcome_from(row) for row in await outcome_rows(self._database)]
        active = [outcome.id for outcome in outcomes if outcome.is_active]
        rows = await newest_models(self._database, active)
        definitions = replace(self._rules, outcomes=outcomes_by_event_name(outcomes))
        return InForce(definitions, {outcome_id: model_from(row) for outcome_id, row in rows.items()})

"""The definitions in force: their version is looked at several times a second; when it changed they are read again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from time import monotonic

from gateway.journey.definitions import Definitions, definitions_of
from gateway.prediction.model import Model
from gateway.prediction.model_rows import StoredModel, models_of
from gateway.prediction.scene import Moment
from gateway.prediction.scorer import Scorer
from gateway.prediction.scoring import Scored, scored
from gateway.prediction.training import stored_models
from gateway.settings import Settings
from gateway.storage.database import Database
from gateway.storage.definitions import SETTLED_SECONDS, definition_version, outcome_rows, segment_rows
from gateway.storage.documents.outcome import outcome_from
from gateway.storage.documents.prediction import StoredPredictions
from gateway.storage.documents.segment import segment_from


@dataclass(frozen=True, slots=True)
class InForce:
    """What a batch is applied with: the site's definitions, and the model that serves each outcome.

    With a `scorer`, models are asked in a process of its own, which holds them, instead of here.
    """

    definitions: Definitions
    models: Mapping[str, Model] = field(default_factory=dict)
    scorer: Scorer | None = None

    @property
    def is_predicting(self) -> bool:
        """Whether anything is to be predicted."""
        return self.scorer is not None or bool(self.models)

    async def scored(self, moments: Sequence[Moment], before: Mapping[str, StoredPredictions]) -> Scored:
        """Return what models say at these moments; `before` are the predictions that are stored, by session."""
        if self.scorer is not None:
            return await self.scorer.scored(moments, before)
        return scored(moments, self.models, before)


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

    `rules` are what an operator has set, without any outcomes. Learned models are asked by the `scorer`, if there is
    one; shares by page views are looked up here.
    """

    def __init__(self, database: Database, rules: Definitions, scorer: Scorer | None = None) -> None:
        self._database = database
        self._rules = rules
        self._scorer = scorer
        self._stored: Mapping[str, StoredModel] = {}
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
        self._stored = await stored_models(self._database, active, self._stored)
        segments = [segment_from(row) for row in await segment_rows(self._database)]
        definitions = definitions_of(outcomes, segments, version, self._rules)
        if self._scorer is not None and any(one.is_learned for one in self._stored.values()):
            await self._scorer.use(self._stored.values())
            return InForce(definitions, scorer=self._scorer)
        return InForce(definitions, models_of(self._stored, self._in_force.models if self._in_force else {}))

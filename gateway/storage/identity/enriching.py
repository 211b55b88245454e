"""Enrichments as they are stored: a handful of requests or a portion of an import, in one transaction."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import uuid4

from pymongo.asynchronous.client_session import AsyncClientSession

from gateway.journey.contact import Contact
from gateway.journey.enrichment import Enrichment, EnrichStatus
from gateway.journey.enrichment_plan import Customers, Enriched, enrich, to_merge
from gateway.journey.errors import DifferentDivisions, InvalidValue
from gateway.journey.identifier import DEFAULT_REGION
from gateway.journey.identity import Cause, Rule
from gateway.journey.ids import derive_id
from gateway.storage.audit_log import AuditAction, AuditEntry, record
from gateway.storage.database import Database
from gateway.storage.identity.contact_writes import write_contacts
from gateway.storage.identity.customers import learn_customers
from gateway.storage.identity.merging import MergeWanted, merge_within
from gateway.storage.records import in_one_transaction
from gateway.storage.sight import EVERYTHING, Sight
from gateway.storage.writing import writing

WRITTEN = (EnrichStatus.CREATED, EnrichStatus.UPDATED, EnrichStatus.MERGED)
"""What leaves something behind."""


@dataclass(frozen=True, slots=True)
class Teller:
    """Who tells something of customers, when, and by which way: enrichments or an import.

    `region` is where telephone numbers without a country code are dialled, `sight` what the teller sees.
    """

    actor: str
    at: datetime
    rule: Rule = Rule.ENRICH
    region: str = DEFAULT_REGION
    sight: Sight = EVERYTHING

    @property
    def action(self) -> AuditAction:
        """What the audit log calls it."""
        return AuditAction.IMPORTED if self.rule is Rule.IMPORT else AuditAction.ENRICHED


async def enrich_contacts(database: Database, requests: Sequence[Enrichment], teller: Teller) -> list[Enriched]:
    """Do these requests one after the other, all or none; return what became of each.

    Two transactions that tell of the same new identifier collide in the register: one runs again, and finds whom the
    other has created.

    Raises:
        InvalidValue: a contact would have more identifiers than it can have.
        NotStored: MongoDB cannot take them now; nothing was stored.
    """

    async def work(session: AsyncClientSession) -> list[Enriched]:
        return all_or_none(await _Enriching(database, requests, teller, session).run())

    with writing("contacts"):
        return await in_one_transaction(database, work)


async def enrich_those_that_can_be(
    database: Database, requests: Sequence[Enrichment], teller: Teller
) -> list[Enriched | InvalidValue]:
    """Do these requests one after the other; return what became of each, or why it is refused: the others count.

    Raises:
        NotStored: MongoDB cannot take them now; nothing was stored.
    """

    async def work(session: AsyncClientSession) -> list[Enriched | InvalidValue]:
        return await _Enriching(database, requests, teller, session).run()

    with writing("contacts"):
        return await in_one_transaction(database, work)


async def would_enrich(
    database: Database, requests: Sequence[Enrichment], teller: Teller, customers: Customers | None = None
) -> list[Enriched | InvalidValue]:
    """Return what would become of these requests, or why one would be refused; nothing is written.

    Pass the same `customers` with the next requests, for them to find what these would have created.

    Raises:
        NotStored: MongoDB cannot be asked now.
    """
    known = Customers() if customers is None else customers
    with writing("contacts"):
        await learn_customers(database, known, requests, teller.region, sight=teller.sight)
    return [_done(known, wanted, teller) for wanted in requests]


def all_or_none(results: Sequence[Enriched | InvalidValue]) -> list[Enriched]:
    """Return the results.

    Raises:
        InvalidValue: one of them is a refusal; its field begins with the place of its request, if there are several.
    """
    done = [result for result in results if isinstance(result, Enriched)]
    if len(done) == len(results):
        return done
    number, refusal = next((n, one) for n, one in enumerate(results) if isinstance(one, InvalidValue))
    raise refusal.within(f"requests[{number}]") if len(results) > 1 else refusal


@dataclass(slots=True)
class _Enriching:
    """One attempt of a transaction."""

    database: Database
    requests: Sequence[Enrichment]
    teller: Teller
    session: AsyncClientSession
    customers: Customers = field(default_factory=Customers)
    stored: Mapping[str, Contact] = field(default_factory=dict)

    async def run(self) -> list[Enriched | InvalidValue]:
        await self._learn(self.requests)
        results = [await self._enrich(number, wanted) for number, wanted in enumerate(self.requests)]
        await self._write()
        await self._record(results)
        return results

    async def _enrich(self, number: int, wanted: Enrichment) -> Enriched | InvalidValue:
        """Do one request; merges and what follows from lost identifiers are read again from the database."""
        merged_ids = to_merge(self.customers, wanted, self.teller.region)
        if merged_ids:
            await self._write()
            try:
                await self._merge(merged_ids)
            except DifferentDivisions:
                told = [one.value for one in wanted.matching]
                return InvalidValue("matchingIdentifiers", told, "of customers of the same divisions, to merge them")
            await self._learn(self.requests[number:])
        result = _done(self.customers, wanted, self.teller)
        if self.customers.lost:
            await self._write()
            await self._learn(self.requests[number + 1 :])
        if merged_ids and isinstance(result, Enriched):
            return replace(result, status=EnrichStatus.MERGED, merged_ids=merged_ids)
        return result

    async def _learn(self, requests: Sequence[Enrichment]) -> None:
        self.customers = Customers()
        teller = self.teller
        await learn_customers(self.database, self.customers, requests, teller.region, self.session, teller.sight)
        self.stored = dict(self.customers.contacts)

    async def _write(self) -> None:
        after = [self.customers.contacts[id_] for id_ in self.customers.changed]
        await write_contacts(self.database, self.stored, after, self.session)
        self.customers.changed.clear()

    async def _merge(self, root_ids: Sequence[str]) -> None:
        cause = Cause(self.teller.rule, self.teller.actor, self.teller.at)
        apart = self.teller.sight.contacts_apart
        wanted = MergeWanted(derive_id("merge", uuid4().hex), root_ids, {}, cause, apart)
        await merge_within(self.database, wanted, self.session)

    async def _record(self, results: Sequence[Enriched | InvalidValue]) -> None:
        done = [result for result in results if isinstance(result, Enriched) and result.status in WRITTEN]
        if not done:
            return
        counts = Counter(result.status.value.lower() for result in done)
        ids = dict.fromkeys(result.contact.id for result in done if result.contact)
        entry = AuditEntry(self.teller.at, self.teller.actor, self.teller.action, tuple(ids), dict(counts))
        await record(self.database, entry, self.session)


def _done(customers: Customers, wanted: Enrichment, teller: Teller) -> Enriched | InvalidValue:
    try:
        return enrich(customers, wanted, teller.at, teller.region)
    except InvalidValue as refusal:
        return refusal

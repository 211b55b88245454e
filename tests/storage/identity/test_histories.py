"""What is stored after any history of joining and parting is exactly what the pure forest says."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.journey.contact import ContactType
from gateway.journey.errors import IdentityError, MergeConflict
from gateway.journey.event import Identifier
from gateway.journey.identity import Cause, Edge, Rule
from gateway.journey.identity_forest import Forest, link, merge, unlink, unmerge
from gateway.journey.ids import derive_id
from gateway.storage.contact_search_keys import refresh_search_keys
from gateway.storage.database import Database
from gateway.storage.documents.identity_edge import edge_from
from gateway.storage.identity.linking import link_contacts, unlink_contacts
from gateway.storage.identity.merging import MergeWanted, merge_contacts, unmerge_contacts
from gateway.storage.identity.promotion import promote_contact
from tests.storage.identity.people import NOON, everything, forest_of, move_in, person

MAIL = Identifier("Email", "a@b.example")
PEOPLE = [person(f"p{number}", *([MAIL] if number == 1 else []), day=number, firstName="Ada") for number in range(6)]
PROMOTED = ("type", "expiresDate", "modifiedDate")
"""What promotion leaves, which no undoing takes back."""


class World:
    """The stored contacts, and beside them the forest in memory that they are compared with."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.forest = Forest({one.id: () for one in PEOPLE})
        self.clock = NOON

    async def begin(self) -> None:
        for name in ("contacts", "identityEdges", "identifiers", "auditLog"):
            await self.database[name].delete_many({})
        await move_in(self.database, *PEOPLE)
        await refresh_search_keys(self.database, [one.id for one in PEOPLE])

    async def play(self, what: str, one: int, other: int) -> None:
        """Do one thing, to both, and compare."""
        self.clock += timedelta(minutes=1)
        ids = sorted(self.forest.ancestors)
        names = tuple(dict.fromkeys(ids[number % len(ids)] for number in (one, other, one + other)))
        edges = sorted(self.forest.in_force(), key=lambda edge: edge.id)
        if what == "promote":
            await promote_contact(self.database, names[0], "jo", self.clock)
        elif what == "undo" and edges:
            await self.undo(edges[one % len(edges)], alone=other % 3 == 0)
        elif what == "link" and len(names) > 1:
            await self.link(*names[:2])
        elif what == "merge" and len(names) > 1:
            await self.merge(names)
        await self.compare()

    async def link(self, one: str, other: str) -> None:
        try:
            linked = await link_contacts(self.database, one, other, self.cause)
        except IdentityError:
            assert self.forest.root_of(one) == self.forest.root_of(other)
            return
        self.forest = link(self.forest, edge_from(linked.edge))
        assert linked.contact["_id"] == self.forest.root_of(one)

    async def merge(self, names: tuple[str, ...]) -> None:
        merge_id = f"m{len(self.forest.edges)}"
        await self.both(
            lambda forest: merge(forest, merge_id, derive_id("head", merge_id), names, self.cause),
            merge_contacts(self.database, MergeWanted(merge_id, names, {}, self.cause)),
        )

    async def undo(self, edge: Edge, *, alone: bool = False) -> IdentityError | None:
        merge_id = edge.merge_id
        if merge_id is None or alone:
            stored = unlink_contacts(self.database, edge.id, "jo", self.clock)
            return await self.both(lambda forest: unlink(forest, edge.id, "jo", self.clock), stored)
        stored = unmerge_contacts(self.database, merge_id, "jo", self.clock)
        return await self.both(lambda forest: unmerge(forest, merge_id, "jo", self.clock), stored)

    async def both(self, pure: Callable[[Forest], Forest], stored: Awaitable[object]) -> IdentityError | None:
        """Do it to both; what one of them refuses, the other refuses in the same words."""
        refused = await refusal(stored)
        try:
            self.forest = pure(self.forest)
        except IdentityError as error:
            assert (type(refused), str(refused)) == (type(error), str(error))  # noqa: PT017 - raised by both or neither
        else:
            assert refused is None
        return refused

    async def compare(self) -> None:
        stored = await forest_of(self.database)
        assert stored.ancestors == self.forest.ancestors
        assert stored.edges == self.forest.edges
        async for row in self.database["contacts"].find():
            is_root = row["_id"] == stored.root_of(row["_id"])
            assert ("searchPlace" in row) == (is_root and row["type"] != ContactType.EPHEMERAL.value), row

    async def part_all(self) -> None:
        """Undo every edge, and what stands in its way before."""
        while edges := self.forest.in_force():
            conflict = await self.undo(edges[0])
            while isinstance(conflict, MergeConflict):
                conflict = await self.undo(self.forest.edges[conflict.edge_id])
        await self.compare()

    async def kept(self) -> list[dict[str, object]]:
        """Return the stored contacts, without what a promotion changes."""
        rows = (await everything(self.database))["contacts"]
        return [{name: value for name, value in row.items() if name not in PROMOTED} for row in rows]

    @property
    def cause(self) -> Cause:
        return Cause(Rule.AGENT, "jo", self.clock)


async def refusal(stored: Awaitable[object]) -> IdentityError | None:
    """Return how it was refused, or None if it was done."""
    try:
        await stored
    except IdentityError as refused:
        return refused
    return None


numbers = st.integers(0, 40)
steps = st.tuples(st.sampled_from(["link", "link", "merge", "merge", "undo", "undo", "promote"]), numbers, numbers)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(history=st.lists(steps, min_size=4, max_size=12))
async def test_any_history_is_stored_as_the_pure_forest_has_it_and_undone_exactly(
    history: list[tuple[str, int, int]], database: Database
) -> None:
    world = World(database)
    await world.begin()
    before = await world.kept()
    for step in history:
        await world.play(*step)
    await world.part_all()
    assert await world.kept() == before

"""The words that declare a field over a stored document; each makes the resolver and leaves its plan in the metadata.

    short_id: str = stored("shortId", "Six digits that ...")
    presence: Presence = derived(presence_of, "Whether ...", reads=("lastEvent",))
    contact: Contact = one(ContactById, "contactId", "Who ...")
    outcome_achievements: list[OutcomeAchievement] = stored("outcomeAchievements", "What ...", absent=())
    events: Connection[Event] = connection(SESSION_EVENTS, "What happened, in order.")
    last_name: str | None = of_customer(lambda customer: customer.fields.get("lastName"), "Family name.")
    sessions: Connection[Session] = connection(SESSIONS_OF_CONTACT, "The sessions, newest first.", of_customer=True)

With `requires=Permission.X` a field needs this permission in the place of its type's: see `gateway.graph.requires`.
With `size=10` a field that is a list is taken to have so many at most: see `gateway.graph.cost_directives`.

The value of every GraphQL object is the document itself, a mapping. From the plans, the fields that a query reads and
the number of its commands are known before it runs.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any

import strawberry
from graphql import GraphQLField

from gateway.access.permissions import Permission
from gateway.graph import cost_directives
from gateway.graph.context import Context
from gateway.graph.cost_directives import PAGED, ListSize
from gateway.graph.customer import Customer
from gateway.graph.loaders import LatestSession, RowLoader
from gateway.graph.requires import Public, declared
from gateway.graph.windows import Listed, window_of
from gateway.storage.keyset import value_at
from gateway.storage.pages import Listing, Parent

Row = Mapping[str, Any]
Info = strawberry.Info[Context, None]
Teller = Callable[[Row, Context], object]
"""From a document to the value of one of its fields, with nothing else to be looked up."""
Requirement = Permission | Public | None
"""The permission that a field needs; None leaves it to the field's type."""

NEVER_NULL = "Never null: who may not see it must not ask for it, or gets nothing of what it stands in."
"""Said of fields that may be forbidden within something that may be seen, and that the contract has as not null."""
AFTER = "Only what comes after this cursor."
BEFORE = "Only what comes before this cursor."
FIRST = "How many, counted from the start: 1 to 200, by default 20."
LAST = "How many, counted from the end: 1 to 200."

First = Annotated[int | None, strawberry.argument(description=FIRST)]
After = Annotated[str | None, strawberry.argument(description=AFTER)]
Last = Annotated[int | None, strawberry.argument(description=LAST)]
Before = Annotated[str | None, strawberry.argument(description=BEFORE)]


@dataclass(frozen=True, slots=True)
class Stored:
    """The field is the value at this path, or what stands for it where the document has none."""

    path: str
    absent: object = None

    def teller(self) -> Teller:
        """Return the function that tells the field."""
        path, absent = self.path, self.absent

        def tell(row: Row, _context: Context) -> object:
            value = value_at(row, path)
            return absent if value is None else value

        def tell_own(row: Row, _context: Context) -> object:
            value = row.get(path)
            return absent if value is None else value

        return tell if "." in path else tell_own


@dataclass(frozen=True, slots=True)
class Derived:
    """The field is a pure function of the document, of which it reads these top-level fields."""

    function: Callable[[Any], object]
    reads: tuple[str, ...]

    def teller(self) -> Teller:
        """Return the function that tells the field."""
        function = self.function
        return lambda row, _context: function(row)


@dataclass(frozen=True, slots=True)
class AtThisMoment:
    """The field is a function of the document and the request."""

    function: Teller
    reads: tuple[str, ...]

    def teller(self) -> Teller:
        """Return the function that tells the field."""
        return self.function


@dataclass(frozen=True, slots=True)
class One:
    """The field is the row that the loader has under the key at this path."""

    loader: type[RowLoader]
    path: str


@dataclass(frozen=True, slots=True)
class Many:
    """The field is a page of a list under the document's id, or under those of a customer: see `OfCustomer`."""

    listing: Listing
    path: str
    of_customer: bool = False


@dataclass(frozen=True, slots=True)
class OfCustomer:
    """The field is told from a contact and all that was merged into it: one command a level for all such fields.

    With `latest_session` a second command looks for the newest session of each customer.
    """

    function: Callable[..., object]
    latest_session: bool = False


def stored(
    path: str, description: str, *, absent: object = None, requires: Requirement = None, size: int | None = None
) -> Any:
    """Declare a field that stands in the document; `absent` is its value where the document has none."""

    def resolve(root: strawberry.Parent[Row]):  # type: ignore[no-untyped-def]  # noqa: ANN202 - typed by its class
        value = value_at(root, path)
        return absent if value is None else value

    return _field(resolve, description, Stored(path, absent), requires, _sized(size))


def derived(
    function: Callable[[Any], object],
    description: str,
    *,
    reads: tuple[str, ...],
    requires: Requirement = None,
    size: int | None = None,
) -> Any:
    """Declare a field that a pure function tells from the value: the document, or the page of a connection."""

    def resolve(root: strawberry.Parent[Any]):  # type: ignore[no-untyped-def]  # noqa: ANN202
        return function(root)

    return _field(resolve, description, Derived(function, reads), requires, _sized(size))


def at_this_moment(
    function: Callable[[Row, Context], object],
    description: str,
    *,
    reads: tuple[str, ...],
    requires: Requirement = None,
    size: int | None = None,
) -> Any:
    """Declare a field that a function tells from the document and the request: the time, the settings."""

    def resolve(root: strawberry.Parent[Row], info: Info):  # type: ignore[no-untyped-def]  # noqa: ANN202
        return function(root, info.context)

    return _field(resolve, description, AtThisMoment(function, reads), requires, _sized(size))


def one(loader: type[RowLoader], path: str, description: str, *, requires: Requirement = None) -> Any:
    """Declare a field that is another document, found by the key at this path."""

    async def resolve(root: strawberry.Parent[Row], info: Info):  # type: ignore[no-untyped-def]  # noqa: ANN202
        key = value_at(root, path)
        return None if key is None else await info.context.loader(loader).load(key)

    return _field(resolve, description, One(loader, path), requires)


def connection(
    listing: Listing, description: str, *, path: str = "_id", of_customer: bool = False, requires: Requirement = None
) -> Any:
    """Declare a field that is a list under the document's id, a page at a time.

    With `of_customer` the list is that of a contact, and of everything merged into it.
    """

    async def resolve(  # type: ignore[no-untyped-def]  # noqa: ANN202
        root: strawberry.Parent[Row],
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ):
        window = window_of(first, after, last, before)
        parent = await customer_ids(root, info) if of_customer else value_at(root, path)
        return Listed(await info.context.pages(listing, window).load(parent), listing.order)

    plan = Many(listing, path, of_customer=of_customer)
    return _field(resolve, description, plan, requires, PAGED)


def of_customer(
    function: Callable[[Customer], object],
    description: str,
    *,
    requires: Requirement = None,
    size: int | None = None,
) -> Any:
    """Declare a field of a contact that a function tells from the contact and everything merged into it."""

    async def resolve(root: strawberry.Parent[Row], info: Info):  # type: ignore[no-untyped-def]  # noqa: ANN202
        return function(await info.context.customer(root))

    return _field(resolve, description, OfCustomer(function), requires, _sized(size))


def of_latest_session(
    function: Callable[[Any, Context], object],
    description: str,
    *,
    requires: Requirement = None,
    size: int | None = None,
) -> Any:
    """Declare a field of a contact that a function tells from the newest session of the customer, or from None."""

    async def resolve(root: strawberry.Parent[Row], info: Info):  # type: ignore[no-untyped-def]  # noqa: ANN202
        session = await info.context.loader(LatestSession).load(await customer_ids(root, info))
        return function(session, info.context)

    plan = OfCustomer(function, latest_session=True)
    return _field(resolve, description, plan, requires, _sized(size))


async def customer_ids(root: Row, info: Info) -> Parent:
    """Return under what a customer's lists are: a contact, or that of a journey, and all that was merged into it.

    A contact without others is told by its id alone, as MongoDB plans that best.
    """
    ids = (await info.context.customer(root.get("contact", root))).ids
    return ids if len(ids) > 1 else ids[0]


def teller_of(field: GraphQLField) -> Teller | None:
    """Return the function that tells a field of the schema, or None when it has to look something up."""
    declared = field.extensions.get("strawberry-definition")
    plan = getattr(declared, "metadata", {}).get("plan")
    return plan.teller() if isinstance(plan, Stored | Derived | AtThisMoment) else None


def _field(
    resolve: Callable[..., object],
    description: str,
    plan: object,
    requires: Requirement,
    list_size: ListSize | None = None,
) -> Any:
    directives = [*declared(requires), *([list_size] if list_size else [])]
    return strawberry.field(resolver=resolve, description=description, metadata={"plan": plan}, directives=directives)


def _sized(number: int | None) -> ListSize | None:
    return cost_directives.size(number) if number is not None else None

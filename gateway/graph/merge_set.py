"""The fields of a contact that tell how it became one customer with others: each one or two commands a level."""

import asyncio
from typing import Any

import strawberry

from gateway.graph import lists, values
from gateway.graph.cost_directives import size, weight
from gateway.graph.loaders import ContactById, EdgesAt, IsHead, LinkOfSession, MergedInto, SessionCount
from gateway.graph.words import Info, Row, customer_ids
from gateway.journey.contact import ContactType
from gateway.journey.identity import kind_of
from gateway.journey.identity_path import identity_path
from gateway.storage.documents.contact import contact_from
from gateway.storage.documents.identity_edge import edge_from
from gateway.storage.documents.session import session_from
from gateway.storage.documents.session_link import session_link_from
from gateway.storage.pages import Parent, Window

MAX_PATH_SESSIONS = 200
"""Sessions that the path of an identity explains, the newest ones."""


def kind_field() -> Any:
    """Declare what a contact is to those who look at it."""

    async def resolve(root: strawberry.Parent[Row], info: Info):  # type: ignore[no-untyped-def]  # noqa: ANN202
        is_head = await info.context.loader(IsHead).load(root["_id"])
        return kind_of(ContactType(root["type"]), is_head=is_head)

    return strawberry.field(resolver=resolve, description="What it is to those who look at it.")


def session_count_field() -> Any:
    """Declare how many sessions there have been of a contact, in the divisions that are seen."""

    async def resolve(root: strawberry.Parent[Row], info: Info):  # type: ignore[no-untyped-def]  # noqa: ANN202
        if info.context.sight.is_everything:
            return (await info.context.customer(root)).session_count
        return await info.context.loader(SessionCount).load(await customer_ids(root, info))

    return strawberry.field(resolver=resolve, description="How many sessions there have been, of those that you see.")


def canonical_contact_field() -> Any:
    """Declare the contact that stands for everything merged with one."""

    async def resolve(root: strawberry.Parent[Row], info: Info):  # type: ignore[no-untyped-def]  # noqa: ANN202
        return await root_of(root, info)

    text = "The contact that stands for the customer: this one, unless it was merged into another."
    return strawberry.field(resolver=resolve, description=text)


def merge_set_field() -> Any:
    """Declare the contacts that are one customer with one."""

    async def resolve(root: strawberry.Parent[Row], info: Info):  # type: ignore[no-untyped-def]  # noqa: ANN202
        merged = info.context.loader(MergedInto).load(values.root_id_of(root))
        top, below = await asyncio.gather(root_of(root, info), merged)
        return [top, *below]

    text = "Every contact of the customer: the one that stands for it, then those merged into it, the oldest first."
    return strawberry.field(resolver=resolve, description=text, directives=[size(10)])


def merged_to_field() -> Any:
    """Declare the contact that one was merged into."""

    async def resolve(root: strawberry.Parent[Row], info: Info):  # type: ignore[no-untyped-def]  # noqa: ANN202
        parent_id = values.parent_of(root)
        return await info.context.loader(ContactById).load(parent_id) if parent_id else None

    return strawberry.field(resolver=resolve, description="The contact that this one was merged into, directly.")


def links_field() -> Any:
    """Declare the links between the contacts of a customer."""

    async def resolve(root: strawberry.Parent[Row], info: Info):  # type: ignore[no-untyped-def]  # noqa: ANN202
        root_id = values.root_id_of(root)
        merged = await info.context.loader(MergedInto).load(root_id)
        return await info.context.loader(EdgesAt).load((root_id, *(row["_id"] for row in merged)))

    text = "What joins the contacts of the customer, or once did and was undone; in order of time, at most 1,000."
    return strawberry.field(resolver=resolve, description=text, directives=[weight(2), size(20)])


def identity_path_field() -> Any:
    """Declare the reasons why everything belongs to a contact."""

    async def resolve(root: strawberry.Parent[Row], info: Info):  # type: ignore[no-untyped-def]  # noqa: ANN202
        return await _path(root, info)

    text = (
        "Why each contact, identifier and session belongs to this contact, every reason after what it rests on; "
        f"of at most {MAX_PATH_SESSIONS} sessions."
    )
    return strawberry.field(resolver=resolve, description=text, directives=[weight(10), size(50)])


async def root_of(contact: Row, info: Info) -> Row:
    """Return the contact that stands for everything merged with this one."""
    root_id = values.root_id_of(contact)
    if root_id == contact["_id"]:
        return contact
    return await info.context.loader(ContactById).load(root_id) or contact


async def _path(contact: Row, info: Info) -> list[Row]:
    customer = await info.context.customer(contact)
    ids = await customer_ids(contact, info)
    edges = await info.context.loader(EdgesAt).load(ids)
    sessions = await _newest_sessions(ids, info)
    links = await info.context.loader(LinkOfSession).load_many([session["_id"] for session in sessions])
    steps = identity_path(
        contact_from(dict(contact)),
        map(edge_from, edges),
        (contact_from(dict(row)) for row in customer.merged),
        (session_link_from(link) for link in links if link is not None),
        map(session_from, sessions),
    )
    return [values.step_of(step) for step in steps]


async def _newest_sessions(parent: Parent, info: Info) -> list[dict[str, Any]]:
    return (await info.context.pages(lists.SESSIONS_OF_CONTACT, Window(MAX_PATH_SESSIONS)).load(parent)).rows

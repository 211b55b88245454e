"""Every page of every list, under every filter and to every viewer, walks an index and reads little but its rows."""

from collections.abc import AsyncIterator, Iterator, Mapping
from itertools import product

import pytest

from gateway.access.viewer import Viewer
from tests.storage.explained_site import EVERYTHING, VIEWERS, Site, but_for_reads, explained_site, viewer_of
from tests.storage.paged_lists import (
    AFTER,
    BEFORE,
    CONTACT_FILTERS,
    CONTACTS,
    DIVISIONS,
    GIVEN,
    ORGANIZATIONS,
    PAGE,
    REJECTED,
    SEARCH_FILTERS,
    SEGMENTS,
    SESSION_FILTERS,
    SESSIONS,
    UNDER_PARENTS,
)


@pytest.fixture(scope="module")
async def site(mongodb_url: str) -> AsyncIterator[Site]:
    async with explained_site(mongodb_url) as site:
        yield site


WINDOWS: tuple[Mapping[str, object], ...] = (
    {},
    {"first": 200},
    {"first": 20, "after": "cursor"},
    {"last": 20},
    {"last": 20, "before": "cursor"},
    {"first": 20, "before": "cursor"},
    {"last": 20, "after": "cursor"},
)


def combinations(**values: tuple[object, ...]) -> Iterator[dict[str, object]]:
    """Yield the filters of every combination; None stands for a field that is left out."""
    for chosen in product(*((None, *options) for options in values.values())):
        yield {name: value for name, value in zip(values, chosen, strict=True) if value is not None}


def one_by_one(values: Mapping[str, tuple[object, ...]]) -> Iterator[dict[str, object]]:
    """Yield no filter, and one for each value of each field."""
    yield {}
    yield from ({name: value} for name, options in values.items() for value in options)


def windows_at(cursor: object) -> list[dict[str, object]]:
    """Return the arguments of every kind of page, those with a place at this cursor."""
    return [{name: cursor if value == "cursor" else value for name, value in window.items()} for window in WINDOWS]


async def faults_of_pages(
    site: Site,
    document: str,
    cursor: str,
    filters: Iterator[dict[str, object]],
    viewer: Viewer = EVERYTHING,
    *,
    apart: bool = False,
) -> dict[str, list[str]]:
    """Return the faults of each page of a root list, under what was asked for."""
    found = {}
    for filter_ in filters:
        for window in windows_at(site.variables[cursor]):
            await site.ask(document, {"filter": filter_, **window}, viewer, apart=apart)
            if faults := await site.faults():
                found[f"{filter_} {window}"] = faults
    return found


async def test_every_page_of_sessions_under_every_filter_is_read_by_an_index(site: Site) -> None:
    wanted = {**SESSION_FILTERS, "contactId": (site.variables["contact"],)}
    assert await faults_of_pages(site, SESSIONS, "sessionCursor", combinations(**wanted)) == {}


@pytest.mark.parametrize("viewer", VIEWERS)
async def test_every_page_of_sessions_of_some_divisions_is_read_by_an_index(viewer: str, site: Site) -> None:
    wanted = {**SESSION_FILTERS, "contactId": (site.variables["contact"],), "divisionId": DIVISIONS}
    filters = one_by_one(wanted)
    faults = await faults_of_pages(site, SESSIONS, "sessionCursor", filters, viewer_of(viewer))
    assert but_for_reads(viewer, faults) == {}


@pytest.mark.parametrize("viewer", VIEWERS)
async def test_every_page_of_contacts_that_are_kept_apart_is_read_by_an_index(viewer: str, site: Site) -> None:
    types = (["EPHEMERAL"], ["IDENTIFIED"], ["CURATED"])
    filters = one_by_one({**CONTACT_FILTERS, "type": types, "divisionId": DIVISIONS, "segmentId": SEGMENTS})
    faults = await faults_of_pages(site, CONTACTS, "contactCursor", filters, viewer_of(viewer), apart=True)
    assert but_for_reads(viewer, faults) == {}


@pytest.mark.parametrize("search", ["", "a", "a b.example", "nobody"])
async def test_contacts_that_are_kept_apart_are_found_by_an_index(search: str, site: Site) -> None:
    document = CONTACTS.replace("contacts(", f'contacts(search: "{search}", ')
    filters = list(one_by_one({**SEARCH_FILTERS, "divisionId": DIVISIONS}))
    for viewer in VIEWERS:
        found = await faults_of_pages(site, document, "foundCursor", iter(filters), viewer_of(viewer), apart=True)
        assert but_for_reads(viewer, found) == {}, viewer


async def test_every_page_of_contacts_under_every_filter_is_read_by_an_index(site: Site) -> None:
    assert await faults_of_pages(site, CONTACTS, "contactCursor", combinations(**CONTACT_FILTERS)) == {}
    of_segment: Mapping[str, tuple[object, ...]] = {"createdAfter": (AFTER,), "createdBefore": (BEFORE,)}
    filters = ({"segmentId": SEGMENTS[0], **one} for one in combinations(**of_segment))
    assert await faults_of_pages(site, CONTACTS, "contactCursor", filters) == {}


@pytest.mark.parametrize("search", ["", "a", "a b.example", "b ex nobody", "?"])
async def test_every_page_of_found_contacts_under_every_filter_is_read_by_an_index(search: str, site: Site) -> None:
    document = CONTACTS.replace("contacts(", f'contacts(search: "{search}", ')
    each = [{name: value} for name, values in SEARCH_FILTERS.items() for value in values]
    together = {name: values[0] for name, values in SEARCH_FILTERS.items()}
    assert await faults_of_pages(site, document, "foundCursor", iter([{}, *each, together])) == {}


async def test_every_page_of_rejected_events_is_read_by_an_index(site: Site) -> None:
    assert await faults_of_pages(site, REJECTED, "rejectedCursor", iter([{}])) == {}


@pytest.mark.parametrize("search", [None, "werke", "acme 0500", "ac we 01", "nobody", "?"])
async def test_every_page_of_organizations_is_read_by_an_index(search: str | None, site: Site) -> None:
    for window in windows_at(site.variables["organizationCursor"]):
        await site.ask(ORGANIZATIONS, {"search": search, **window})
        assert await site.faults() == [], window


@pytest.mark.parametrize("about", ["", "contactId: $contact, "], ids=["of all", "of a contact"])
async def test_every_page_of_the_audit_log_is_read_by_an_index(about: str, site: Site) -> None:
    ids = "$contact: ID!, " if about else ""
    for window in windows_at(site.variables["auditCursor"]):
        await site.ask(f"query({ids}{PAGE}) {{ auditLog({about}{GIVEN}) {{ nodes {{ id }} }} }}", window)
        assert await site.faults() == [], window


PARENTS = ("contact", "session", "organization")


@pytest.mark.parametrize("viewer", [None, "of a division with many visits", "of the home division and another"])
@pytest.mark.parametrize("name", UNDER_PARENTS)
async def test_every_page_under_a_parent_is_read_by_an_index(name: str, viewer: str | None, site: Site) -> None:
    selection, cursor = UNDER_PARENTS[name]
    ids = "".join(f"${parent}: ID!, " for parent in PARENTS if f"${parent})" in selection)
    who = viewer_of(viewer) if viewer else EVERYTHING
    for window in windows_at(site.variables[cursor]):
        await site.ask(f"query({ids}{PAGE}) {{ {selection} }}", window, who, apart=viewer is not None)
        assert but_for_reads(viewer, {"": await site.faults()}).get("", []) == [], window

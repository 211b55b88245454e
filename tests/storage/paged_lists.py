"""Documents that ask for one page of a list, at the root and under a parent, and every filter of these lists."""

from collections.abc import Mapping

from gateway.graph.node import to_global_id
from gateway.journey.division import HOME
from tests.storage.busy_site import BUSY, RARE, SEGMENT

AFTER, BEFORE = "2026-04-20T00:00:00Z", "2026-04-28T00:00:00Z"
PAGE = "$first: Int, $after: String, $last: Int, $before: String"
GIVEN = "first: $first, after: $after, last: $last, before: $before"
SESSIONS = f"query($filter: SessionFilter, {PAGE}) {{ sessions(filter: $filter, {GIVEN}) {{ nodes {{ id }} }} }}"
CONTACTS = f"query($filter: ContactFilter, {PAGE}) {{ contacts(filter: $filter, {GIVEN}) {{ nodes {{ id }} }} }}"
REJECTED = f"query({PAGE}) {{ rejectedEvents({GIVEN}) {{ nodes {{ id }} }} }}"
ORGANIZATIONS = (
    f"query($search: String, {PAGE}) {{ externalOrganizations(search: $search, {GIVEN}) {{ nodes {{ id }} }} }}"
)
DIVISIONS = tuple(to_global_id("Division", division) for division in (HOME, BUSY, RARE))
SESSION_FILTERS: Mapping[str, tuple[object, ...]] = {
    "presence": (["LIVE"], ["AWAY"], ["INACTIVE"], ["LIVE", "AWAY"], ["LIVE", "INACTIVE"]),
    "type": ("web", "app"),
    "contactId": ("contact",),
    "createdAfter": (AFTER,),
    "createdBefore": (BEFORE,),
}
CONTACT_FILTERS: Mapping[str, tuple[object, ...]] = {
    "type": (["EPHEMERAL"], ["IDENTIFIED"], ["CURATED"], ["IDENTIFIED", "CURATED"]),
    "createdAfter": (AFTER,),
    "createdBefore": (BEFORE,),
}
SEGMENTS = (to_global_id("Segment", SEGMENT),)
SEARCH_FILTERS: Mapping[str, tuple[object, ...]] = {
    **CONTACT_FILTERS,
    "type": (["IDENTIFIED"], ["CURATED"]),
    "kind": (["IDENTIFIED"], ["CANONICAL", "CURATED"]),
    "seenAfter": (AFTER,),
    "seenBefore": (BEFORE,),
}
IDS = f"({GIVEN}) {{ nodes {{ id }} }}"
OUTCOME = to_global_id("Outcome", "o-1")
CURVE = f'(outcomeId: "{OUTCOME}", {GIVEN}) {{ nodes {{ probability event {{ id }} }} }}'
UNDER_PARENTS: Mapping[str, tuple[str, str]] = {
    "sessions of a contact": (f"contact(id: $contact) {{ sessions{IDS} }}", "sessionCursor"),
    "events of a session": (f"session(id: $session) {{ events{IDS} }}", "eventCursor"),
    "curve of a session": (f"session(id: $session) {{ predictionHistory{CURVE} }}", "eventCursor"),
    "sessions of a journey": (f"journey(contactId: $contact) {{ sessions{IDS} }}", "sessionCursor"),
    "events of a journey": (f"journey(contactId: $contact) {{ events{IDS} }}", "stepCursor"),
    "notes of a contact": (f"contact(id: $contact) {{ notes{IDS} }}", "noteCursor"),
    "notes of an organization": (f"externalOrganization(id: $organization) {{ notes{IDS} }}", "noteCursor"),
    "relationships": (f"externalOrganization(id: $organization) {{ relationships{IDS} }}", "relationshipCursor"),
    "contacts of an organization": (f"externalOrganization(id: $organization) {{ contacts{IDS} }}", "memberCursor"),
    "models of an outcome": (f"outcomes {{ models{IDS} }}", "modelCursor"),
    "curves of many": (f"sessions(first: 200) {{ nodes {{ predictionHistory{CURVE} }} }}", "eventCursor"),
    "notes of many": (f"externalOrganizations(first: 200) {{ nodes {{ notes{IDS} }} }}", "noteCursor"),
    "sessions of many": (f"contacts(first: 200) {{ nodes {{ journey {{ sessions{IDS} }} }} }}", "sessionCursor"),
}
"""Connections under a parent, and the name of a place in each."""

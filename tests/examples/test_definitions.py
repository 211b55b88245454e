"""The definitions of examples/definitions: a visit that meets each and one that does not, played through the domain."""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import pytest

from gateway.journey.advance import Visitor, advance
from gateway.journey.contact import contact_id_of
from gateway.journey.definition_fields import DefinitionKind
from gateway.journey.definition_record import DefinitionRecord, read_definitions
from gateway.journey.definitions import Definitions, definitions_of
from gateway.journey.event import Event, Identifier, Visit
from gateway.journey.event_name import event_name
from gateway.journey.fulfilment import fulfilled_at_the_end
from gateway.storage.documents.outcome import outcome_from
from gateway.storage.documents.segment import segment_from

DIRECTORY = Path(__file__).parents[2] / "examples/definitions"
NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
LATER = timedelta(hours=2)
"""What is between two visits."""
AD_ON_A_PHONE = Visit(mkt_campaign={"medium": "CPC", "source": "search"}, device={"category": "mobile"})
AD_ON_A_DESK = Visit(mkt_campaign={"medium": "cpc", "source": "search"}, device={"category": "desktop"})


class Happens(NamedTuple):
    """One event: a page view unless it is named as a track call names it."""

    path: str = "/"
    name: str | None = None
    search: str | None = None
    visit: Visit = Visit()
    is_next_visit: bool = False
    attributes: Mapping[str, object] = {}


def searches(query: str) -> Happens:
    return Happens("/search", "Site Searched", search=query)


PAGE, HELP, CHECKOUT = Happens("/"), Happens("/help/shipping"), Happens("/checkout")
CART, ORDER = Happens("/product/7", "Product Added", attributes={"price": 20}), Happens("/thanks", "Order Completed")
DEAR = Happens("/product/8", "Product Added", attributes={"price": {"dataType": "number", "value": 500}})
LOAN, FAILS, SENDS = (
    Happens("/Loan/apply"),
    Happens("/loan/apply", "Form Failed"),
    Happens("/loan/apply", "Form Submitted"),
)
A_SEARCH = searches("shoes")

VISITS: Mapping[str, tuple[Sequence[Happens], Sequence[Happens]]] = {
    "Check order or return status": ([PAGE, Happens("/account/orders/4711")], [PAGE, Happens("/account/orders")]),
    "Open or check a ticket": ([HELP, Happens("/help", "Ticket Opened")], [HELP, Happens("/help", "Form Shown")]),
    "Find warranty or return policy": ([Happens("/help/Warranty")], [Happens("/help?topic=/warranty")]),
    "Submit application": ([Happens("/apply/2"), Happens("/apply/2", "Form Submitted")], [Happens("/apply/2")]),
    "Online purchase confirmation": ([CART, CHECKOUT, ORDER], [CART, CHECKOUT]),
    "Send payment": ([Happens("/paymentSuccessful?id=3")], [Happens("/payment")]),
    "Online quote": (
        [Happens("/quote"), Happens("/quote", "Quote Shown")],
        [Happens("/insurance", "Quote Shown"), Happens("/quote")],
    ),
    "Book a demo or appointment": ([Happens("/demo", "Demo Booked")], [Happens("/demo")]),
    "Trouble with a loan application": ([LOAN, FAILS, FAILS], [FAILS, LOAN, FAILS]),
    "Looks for device activation": ([searches("how to ACTIVATE my device")], [searches("device insurance")]),
    "Looks for a travel alert": ([searches("Travel alert, Peru")], [Happens("/travel/alert"), searches("travel")]),
    "Returns a product": ([Happens("/support/rma?product=7")], [Happens("/support/rma")]),
    "Struggles": ([A_SEARCH, A_SEARCH, PAGE, A_SEARCH, HELP], [A_SEARCH, A_SEARCH, HELP, A_SEARCH]),
    "Opportunity": ([DEAR, PAGE, CHECKOUT], [CART, CHECKOUT]),
    "Comes by a campaign on a phone": ([Happens(visit=AD_ON_A_PHONE)], [Happens(visit=AD_ON_A_DESK), PAGE]),
    "Left the cart": ([PAGE, CART, PAGE], [CART, ORDER]),
    "Regular customer": ([ORDER, ORDER._replace(is_next_visit=True)], [ORDER, PAGE._replace(is_next_visit=True)]),
    "Loan application sent": ([LOAN, SENDS], [LOAN, Happens("/newsletter", "Form Submitted")]),
    "Device activated": ([Happens("/devices", "Device Activated")], [Happens("/devices")]),
    "Return announced": ([Happens("/returns", "Return Announced")], [Happens("/returns")]),
    "Left the checkout": ([CART, CHECKOUT], [CHECKOUT, ORDER]),
}  # fmt: skip
"""Of each definition: the events of a visitor who meets it, and of one who does not."""


def definitions() -> list[DefinitionRecord]:
    read = [one for file in sorted(DIRECTORY.glob("*.json")) for one in read_definitions(json.loads(file.read_text()))]
    records = [one for one in read if isinstance(one, DefinitionRecord)]
    assert records == read
    return records


def all_in_force() -> Definitions:
    """Return the definitions of all examples, each under its name."""
    rows = [(one.kind, {**one.fields, "_id": one.name, "version": 1}) for one in definitions()]
    return definitions_of(
        [outcome_from(row) for kind, row in rows if kind is DefinitionKind.OUTCOME],
        [segment_from(row) for kind, row in rows if kind is DefinitionKind.SEGMENT],
    )


def events(happening: Sequence[Happens]) -> Iterator[Event]:
    at = NOON
    for number, one in enumerate(happening):
        at += LATER if one.is_next_visit else timedelta(minutes=1)
        yield Event(
            id=f"e{number}",
            message_id=f"m{number}",
            customer_id="v",
            customer_id_type="cookie",
            event_name=event_name("track" if one.name else "page", one.name),
            created_date=at,
            received_date=at,
            page={"url": f"https://www.shop.example{one.path}"},
            search_query=one.search,
            attributes=one.attributes,
            identifiers=(Identifier("Cookie", "v"),),
            tell_visit=lambda visit=one.visit: visit,  # type: ignore[misc]  # mypy cannot infer the default's type
        )


def met_by(happening: Sequence[Happens]) -> set[str]:
    """Return the names of what a visitor meets, when all is over."""
    in_force, visitor = all_in_force(), Visitor(contact_id_of("cookie", "v"))
    for event in events(happening):
        visitor, _ = advance(visitor, event, in_force)
    over = [fulfilled_at_the_end(session, NOON + 10 * LATER, in_force) for session in visitor.sessions]
    assert visitor.first is not None
    segments = [*visitor.first.segment_assignments, *(one for session in over for one in session.segment_assignments)]
    achieved = [one.outcome_id for session in over for one in session.outcome_achievements]
    return {*achieved, *(one.segment_id for one in segments)}


def test_every_example_has_visits() -> None:
    assert sorted(record.name for record in definitions()) == sorted(VISITS)


@pytest.mark.parametrize("name", VISITS)
def test_a_visit_meets_the_definition_and_another_one_does_not(name: str) -> None:
    meets, does_not = VISITS[name]
    assert name in met_by(meets)
    assert name not in met_by(does_not)

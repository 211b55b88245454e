"""Shared devices: whose event it is when several people use one cookie."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from gateway.journey.contact import Contact, HeldIdentifier, contact_id_of
from gateway.journey.event import Identifier
from gateway.journey.identity import Decisive, contradiction, decisive
from gateway.journey.ids import derive_id


@dataclass(frozen=True, slots=True)
class Owner:
    """The contact of a visitor that an event belongs to.

    With `changes_hands` another one than before uses the cookie from now on: the `successor_id` of the visitor's first
    contact becomes `contact_id`, also when that is the first contact itself.
    """

    contact_id: str
    changes_hands: bool = False


def in_use(customer_id_type: str, customer_id: str, first: Contact | None) -> str:
    """Return the id of the contact that uses this visitor's cookie now; `first` is the visitor's first contact."""
    return (first and first.successor_id) or contact_id_of(customer_id_type, customer_id)


def owner_of(  # noqa: PLR0913, PLR0917 - the visitor in two parts, the event, and what is known of who it may be
    customer_id_type: str,
    customer_id: str,
    claims: Sequence[Identifier],
    first: Contact | None,
    current: Contact | None = None,
    set_identifiers: Iterable[HeldIdentifier] = (),
) -> Owner:
    """Return which contact of this visitor an event with these claims belongs to.

    `claims` are in normal form, as from `claims_of`; `first` is the visitor's first contact, `current` the one that
    `in_use` names, where that is another. `set_identifiers` may add what the rest of its merge set holds.

    An external id other than the one that the person has, or a different verified value of any type, is another
    person: the first contact if it is that one's, else a contact of its own, with an id derived from the identifier.
    """
    now = in_use(customer_id_type, customer_id, first)
    told = decisive((), claims)
    if not told or first is None:
        return Owner(now)
    user = first if now == first.id else current
    known = decisive((*(user.identifiers if user else ()), *set_identifiers))
    if _is_named(told, known):
        return Owner(now)
    if now != first.id and _is_named(told, decisive(first.identifiers)):
        return Owner(first.id, changes_hands=True)
    differing = contradiction(told, known)
    if differing is None:
        return Owner(now)
    successor = successor_id_of(customer_id_type, customer_id, differing, min(told[differing]))
    return Owner(successor, changes_hands=successor != now)


def successor_id_of(customer_id_type: str, customer_id: str, identifier_type: str, value: str) -> str:
    """Return the id of the contact that stands for one of several people who use the same cookie."""
    return derive_id("contact", customer_id_type, customer_id, identifier_type, value)


def _is_named(told: Decisive, known: Decisive) -> bool:
    """Tell whether the claims are those of the very person, and of no other."""
    shares = any(not values.isdisjoint(known.get(type_, frozenset())) for type_, values in told.items())
    return shares and contradiction(told, known) is None

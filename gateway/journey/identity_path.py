"""The path of identity: step by step, why each contact, identifier and session belongs to a customer."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum

from gateway.journey.contact import Contact, HeldIdentifier
from gateway.journey.event import VISITOR
from gateway.journey.identity import Edge, EdgeKind, Rule
from gateway.journey.session import Session


class StepKind(Enum):
    """What a step is about."""

    CONTACT = "CONTACT"
    IDENTIFIER = "IDENTIFIER"
    SESSION = "SESSION"


@dataclass(frozen=True, slots=True)
class SessionLink:
    """One session that somebody moved, with its events, to another contact."""

    id: str
    session_id: str
    contact_id: str
    former_contact_id: str
    made_by: str
    made_date: datetime
    undone_by: str | None = None
    undone_date: datetime | None = None

    @property
    def in_force(self) -> bool:
        """Whether nobody has undone it."""
        return self.undone_date is None


@dataclass(frozen=True, slots=True)
class PathStep:
    """One reason: what belongs to the customer, by which rule and evidence, who said so, when, and all as a sentence.

    `contact_id` is the member of the merge set that the step is about. `rule` and `edge_id` are those of the edge that
    brought a contact in.
    """

    kind: StepKind
    contact_id: str
    date: datetime
    made_by: str
    sentence: str
    rule: Rule | None = None
    evidence: Mapping[str, str] = field(default_factory=dict)
    edge_id: str | None = None
    identifier: HeldIdentifier | None = None
    session_id: str | None = None


def identity_path(
    contact: Contact,
    edges: Iterable[Edge],
    members: Iterable[Contact],
    session_links: Iterable[SessionLink] = (),
    sessions: Iterable[Session] = (),
) -> tuple[PathStep, ...]:
    """Return why everything belongs to this contact, the root of its merge set: every reason after what it rests on.

    `edges` and `session_links` that were undone are passed over; `members` are the others of the merge set. A contact
    comes first, then its identifiers and its sessions in order of time, then the contacts that were joined to it.
    """
    return tuple(
        _steps(
            contact,
            None,
            _Known(
                contacts={member.id: member for member in members},
                edges=sorted((edge for edge in edges if edge.in_force), key=lambda edge: (edge.made_date, edge.id)),
                links={link.session_id: link for link in session_links if link.in_force},
                sessions=sorted(sessions, key=lambda session: (session.created_date, session.id)),
            ),
        )
    )


@dataclass(frozen=True, slots=True)
class _Known:
    contacts: Mapping[str, Contact]
    edges: Sequence[Edge]
    links: Mapping[str, SessionLink]
    sessions: Sequence[Session]


def _steps(contact: Contact, edge: Edge | None, known: _Known) -> Iterator[PathStep]:
    yield _contact_step(contact, edge)
    for identifier in sorted(contact.identifiers, key=lambda identifier: (identifier.created_date, identifier.key)):
        yield _identifier_step(contact, identifier)
    for session in known.sessions:
        if session.contact_id == contact.id:
            yield _session_step(session, known.links.get(session.id))
    for below in known.edges:
        if below.parent_id == contact.id and below.child_id in known.contacts:
            yield from _steps(known.contacts[below.child_id], below, known)


def _contact_step(contact: Contact, edge: Edge | None) -> PathStep:
    if edge is None:
        sentence = f"Contact {contact.id} is known since {_told(contact.created_date)}."
        return PathStep(StepKind.CONTACT, contact.id, contact.created_date, VISITOR, sentence)
    joined = "merged into" if edge.kind is EdgeKind.MERGE else "linked to"
    why = _WHY[edge.rule].format_map({"type": "identifier", "value": "they share", **edge.evidence})
    made = f"{_told(edge.made_date)} by {edge.made_by}"
    sentence = f"Contact {contact.id} was {joined} contact {edge.parent_id} on {made}: {why}."
    return PathStep(
        *(StepKind.CONTACT, contact.id, edge.made_date, edge.made_by, sentence),
        *(edge.rule, edge.evidence, edge.id),
    )


def _identifier_step(contact: Contact, identifier: HeldIdentifier) -> PathStep:
    proof = "it was verified" if identifier.is_verified else "it was not verified"
    matching = "" if identifier.is_normalised else " It is kept as it was typed, and matches nothing."
    sentence = (
        f"{identifier.type} {identifier.value} was told by {identifier.source} for contact {contact.id}, "
        f"first on {_told(identifier.created_date)}; {proof}.{matching}"
    )
    return PathStep(
        *(StepKind.IDENTIFIER, contact.id, identifier.created_date, identifier.source, sentence),
        evidence={"type": identifier.type, "value": identifier.value},
        identifier=identifier,
    )


def _session_step(session: Session, link: SessionLink | None) -> PathStep:
    if link is not None:
        sentence = (
            f"Session {session.id} was moved from contact {link.former_contact_id} to contact {link.contact_id} "
            f"on {_told(link.made_date)} by {link.made_by}."
        )
        evidence = {"formerContactId": link.former_contact_id}
        step = (link.contact_id, link.made_date, link.made_by, sentence)
        return PathStep(StepKind.SESSION, *step, evidence=evidence, session_id=session.id)
    sentence = (
        f"Session {session.id} of {_told(session.created_date)} came from the {_VISITORS[session.customer_id_type]} "
        f"{session.customer_id} of contact {session.contact_id}."
    )
    return PathStep(
        *(StepKind.SESSION, session.contact_id, session.created_date, VISITOR, sentence),
        evidence={"customerIdType": session.customer_id_type, "customerId": session.customer_id},
        session_id=session.id,
    )


def _told(date: datetime) -> str:
    return f"{date:%Y-%m-%d %H:%M} UTC"


_VISITORS = {"cookie": "cookie", "externalId": "external id"}
_WHY: Mapping[Rule, str] = {
    Rule.IDENTIFIER: "both have the {type} {value}, which was claimed",
    Rule.VERIFIED_IDENTIFIER: "both have the {type} {value}, which was proved",
    Rule.AGENT: "an agent found that they are one customer",
    Rule.API: "a program asked for it",
    Rule.ENRICH: "an enrichment found the {type} {value}",
    Rule.IMPORT: "an import found the {type} {value}",
}

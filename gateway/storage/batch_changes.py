"""What a batch leaves behind: events, sessions and contacts to be written, and what has changed of them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import repeat

from gateway.journey.advance import Step
from gateway.journey.contact import Contact, ContactType
from gateway.journey.directory import MergeSet
from gateway.journey.session import Session
from gateway.storage.database import Row
from gateway.storage.documents.contact import contact_row
from gateway.storage.documents.prediction import StoredTold
from gateway.storage.identity.edges import Attachment
from gateway.storage.identity.register import Registration


@dataclass(frozen=True, slots=True)
class ContactChange:
    """A contact as it was stored, if it was, and as it is now."""

    before: Contact | None
    after: Contact

    @property
    def news(self) -> Row:
        """The stored fields in which the two differ, but for the id, with their new values."""
        known = {} if self.before is None else contact_row(self.before)
        now = contact_row(self.after).items()
        return {name: value for name, value in now if name != "_id" and (name not in known or known[name] != value)}

    @property
    def is_of_more_divisions(self) -> bool:
        """Whether a contact that is stored has been seen in a division that it was not of."""
        return self.before is not None and self.before.division_ids != self.after.division_ids

    @property
    def is_found_otherwise(self) -> bool:
        """Whether what the contact is found by has changed."""
        if self.after.type is ContactType.EPHEMERAL:
            return False
        before, after = self.before, self.after
        return (
            before is None
            or before.type is not after.type
            or before.fields != after.fields
            or {held.key for held in before.identifiers} != {held.key for held in after.identifiers}
        )


@dataclass(frozen=True, slots=True)
class Changes:
    """What a batch leaves behind: its events as steps, and the last state of each session and contact it touched.

    `sessions_before` holds the sessions that are stored already, by id, as they were read. `claims` are identifiers
    that contacts have claimed, `edges` the links that followed, in the order in which they were made, `merge_sets` by
    root those that are known as they are now: all that have an edge made, and perhaps others. `told` is what models
    told right after each step, if they were asked.
    """

    steps: Sequence[Step]
    sessions: Iterable[Session]
    sessions_before: Mapping[str, Session]
    contacts: Sequence[ContactChange]
    claims: Sequence[Registration] = ()
    edges: Sequence[Attachment] = ()
    merge_sets: Mapping[str, MergeSet] = field(default_factory=dict)
    told: Sequence[StoredTold] = ()

    @property
    def told_steps(self) -> Iterator[tuple[Step, StoredTold]]:
        """Each step with what models told right after it."""
        return zip(self.steps, self.told or repeat(b""), strict=False)

    @property
    def seen_elsewhere(self) -> list[Contact]:
        """The contacts that were seen in a division that they were not of."""
        return [change.after for change in self.contacts if change.is_of_more_divisions]

    @property
    def roots_found_otherwise(self) -> set[str]:
        """The roots of the merge sets of which what they are found by has changed."""
        roots = {one.after.root_id for one in self.contacts if one.is_found_otherwise}
        roots |= {attached.path[-1] for attached in self.edges}
        return roots - {attached.edge.child_id for attached in self.edges}

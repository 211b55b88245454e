"""What is shown of contacts that are one customer: the fields of each fill the gaps of the others."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from gateway.journey.contact import CONTACT_FIELDS, Contact, ContactType
from gateway.journey.division import HOME, kept_divisions

_ABSENT: tuple[object, ...] = (None, "", {}, [])


def merge_fields(members: Iterable[Contact], value_override: Mapping[str, object]) -> dict[str, object]:
    """Return the fields of a customer: those given, and gaps filled from the member that was modified last.

    A field that is None or empty is a gap. An address is taken as a whole, custom fields one by one. For what is shown
    of a contact give its own fields as `value_override`, and the others of its merge set as members.
    """
    newest_first = sorted(members, key=lambda contact: contact.id)
    newest_first.sort(key=lambda contact: contact.modified_date, reverse=True)
    known = [value_override, *(contact.fields for contact in newest_first)]
    fields = {name: _first_known(name, known) for name in CONTACT_FIELDS}
    fields["customFields"] = _custom_fields(known)
    return {name: value for name, value in fields.items() if value not in _ABSENT}


def merged_head(
    head_id: str, members: Sequence[Contact], value_override: Mapping[str, object], at: datetime
) -> Contact:
    """Return the new contact that stands above contacts which are merged now: as old as the oldest, and for good.

    It holds no identifiers of its own: those of its members are read with it.
    """
    return Contact(
        id=head_id,
        created_date=min(contact.created_date for contact in members),
        modified_date=at,
        expires_date=None,
        type=ContactType.CURATED,
        fields=merge_fields(members, value_override),
        division_ids=kept_divisions(id_ for contact in members for id_ in contact.division_ids or (HOME,)),
    )


def _first_known(name: str, known: Iterable[Mapping[str, object]]) -> object:
    return next((fields[name] for fields in known if fields.get(name) not in _ABSENT), None)


def _custom_fields(known: Sequence[Mapping[str, object]]) -> dict[str, object]:
    merged: dict[str, object] = {}
    for fields in known:
        custom = fields.get("customFields")
        if isinstance(custom, Mapping):
            merged = {**{name: value for name, value in custom.items() if value is not None}, **merged}
    return merged

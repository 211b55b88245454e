"""What identity refuses, in the words of who asked: the input field that is to blame, and ids as clients see them."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from gateway.graph.errors import Conflict, NotFound, RefusedError
from gateway.graph.node import stored_id_of, to_global_id
from gateway.journey.errors import IdentityError, MergeConflict, SameCustomer, UnknownContact, UnknownEdge, UnknownMerge

CONTACT = "Contact"
LINK = "IdentityLink"


@contextmanager
def identity_refusals(given: Mapping[str, str]) -> Iterator[None]:
    """Turn what identity refuses in the block into a refusal with a field.

    `given` holds, by input field in the order of the input, what was given for it; of a list the field is there once
    for each entry, with its place.
    """
    try:
        yield
    except IdentityError as error:
        raise _refusal(error, given) from error


def contact_ids_of(given: Mapping[str, str]) -> list[str]:
    """Return the stored ids of contacts that were given, by input field.

    Raises:
        BadInput: one is none of a contact.
    """
    return [stored_id_of(CONTACT, id_, field) for field, id_ in given.items()]


def _refusal(error: IdentityError, given: Mapping[str, str]) -> RefusedError:
    field, value = next(iter(given.items()))
    match error:
        case UnknownContact():
            return _unknown(error, given)
        case UnknownEdge():
            return NotFound(f"`{field}` is {value!r}, but there is no such link, or it was undone before.", field)
        case UnknownMerge():
            return NotFound(f"`{field}` is {value!r}, but there is no such merge, or it was undone before.", field)
        case SameCustomer():
            fields = list(dict.fromkeys(name.partition("[")[0] for name in given))
            names = " and ".join(f"`{name}`" for name in fields)
            return Conflict(f"{names} are of one customer already: name those of different customers.", fields[0])
        case MergeConflict():
            message = str(error).replace(repr(error.edge_id), repr(to_global_id(LINK, error.edge_id)))
            return Conflict(f"`{field}` is {value!r}. {message}", field)
        case _:
            return Conflict(str(error), field)


def _unknown(error: UnknownContact, given: Mapping[str, str]) -> NotFound:
    wanted = to_global_id(CONTACT, error.contact_id)
    field = next((name for name, value in given.items() if value == wanted), None)
    if field is None:  # not one that was named, but one that it leads to
        field, value = next(iter(given.items()))
        return NotFound(f"`{field}` is {value!r}, but the visitor's own contact is gone: it cannot go back.", field)
    return NotFound(f"`{field}` is {wanted!r}, but there is no contact with this id.", field)

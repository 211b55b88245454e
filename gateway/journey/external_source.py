"""External sources: other systems that know our customers, each by an id of its own, and the links that lead there."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote, urlsplit

from gateway.journey.errors import InvalidValue
from gateway.journey.field_limits import MAX_URL, Check, has_host, record_of, text, truth
from gateway.journey.ids import derive_id
from gateway.journey.record import changed_fields, new_record

MAX_NAME = 200
PLACEHOLDER = "{{externalId.value}}"
_SURE = ("name", "active")


@dataclass(frozen=True, slots=True)
class ExternalSource:
    """Another system. `uri_template` is a link with a place for the id, or None where there is nothing to open."""

    id: str
    name: str
    active: bool = True
    uri_template: str | None = None


def link_of(source: ExternalSource, value: str) -> str | None:
    """Return the link to what the source knows under this id, or None where it is inactive or has no links.

    The id is percent-encoded as a whole, so that it can be no more than one segment or one parameter of the link.
    """
    if not source.active or source.uri_template is None:
        return None
    return source.uri_template.replace(PLACEHOLDER, quote(value, safe="", errors="replace"))


def uri_template(field: str, value: object) -> str:
    """Return a link with a place for the id.

    Raises:
        InvalidValue: it is no https link, or has no such place, or has it in the host's name.
    """
    template = text(MAX_URL)(field, value)
    allowed = (
        f"an https link with {PLACEHOLDER} in its path or query, such as https://crm.example/contacts/{PLACEHOLDER}"
    )
    if not isinstance(template, str) or PLACEHOLDER not in template:
        raise InvalidValue(field, value, allowed)
    # Only https, and never an id in the host's name: what others have typed in must not choose where a link leads.
    if not has_host(template, ("https",)) or "{" in urlsplit(template).netloc:
        raise InvalidValue(field, value, allowed)
    return template


def new_external_source(told: Mapping[str, object], nonce: str, now: datetime) -> dict[str, object]:
    """Return a new source as it is kept.

    Raises:
        InvalidValue: a field has a value that it cannot have.
    """
    fields = new_record(EXTERNAL_SOURCE_FIELDS, _SURE, {"active": True, **told})
    return {"id": derive_id("external source", nonce), **fields, "createdDate": now, "modifiedDate": now}


def changed_external_source(told: Mapping[str, object], now: datetime) -> dict[str, object]:
    """Return the fields of a source that change; None takes one away.

    Raises:
        InvalidValue: a field has a value that it cannot have.
    """
    return {**changed_fields(EXTERNAL_SOURCE_FIELDS, _SURE, told), "modifiedDate": now}


EXTERNAL_SOURCE_FIELDS: Mapping[str, Check] = {
    "name": text(MAX_NAME),
    "active": truth,
    "linkConfiguration": record_of({"uriTemplate": uri_template}, {}),
}
"""The fields of a source, and the check of each."""

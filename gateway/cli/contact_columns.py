"""The columns of a file of contacts: what each is about, by its heading or by --map, and what a row tells by them."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gateway.cli.failures import CommandError
from gateway.journey.address import ADDRESS_LIMITS
from gateway.journey.identifier import IdentifierType

Told = dict[str, object]
"""What a file tells of a contact: fields by name, `identifiers`, and `id`, `type`, `organizationId`, `organization`."""

IGNORED = "-"
CUSTOM = "customFields."
ADDRESS = "address."
REFUSED_BECAUSE = "refused because"
"""Heading of the column that tells why a row was refused; it is passed over when the row comes again."""
IDENTIFIER_TYPES = tuple(type_.value for type_ in IdentifierType if type_ is not IdentifierType.COOKIE)
TEXT_FIELDS = ("firstName", "middleName", "lastName", "salutation", "title", "externalSystemUrl")
ABOUT_THE_CONTACT = ("id", "type", "organizationId", "organization")
TARGETS = (
    *ABOUT_THE_CONTACT,
    *TEXT_FIELDS,
    "surveyOptOut",
    "customFields",
    *(ADDRESS + part for part in ADDRESS_LIMITS),
    *IDENTIFIER_TYPES,
)
"""What a column can be about; beside these, customFields.NAME."""
_OTHER_HEADINGS: Mapping[str, Sequence[str]] = {
    "firstName": ("given name", "forename", "first", "vorname", "prénom"),
    "middleName": ("second name", "middle"),
    "lastName": ("surname", "family name", "last", "nachname", "nom"),
    "salutation": ("anrede", "honorific"),
    "title": ("job title", "position", "role"),
    "Email": ("e-mail", "e-mail address", "mail", "work email", "personal email", "other email", "primary email"),
    "Phone": (
        *("phone number", "telephone", "tel", "mobile", "mobile phone", "cell", "cell phone", "work phone"),
        *("home phone", "other phone", "business phone", "telefon", "handy"),
    ),
    "ExternalId": ("customer id", "customer number", "crm id", "user id", "unique id", "contact number"),
    "SocialLine": ("line id", "line"),
    "SocialFacebook": ("facebook id", "facebook"),
    "SocialTwitter": ("twitter id", "twitter", "x"),
    "SocialWhatsapp": ("whatsapp id", "whatsapp"),
    "SocialInstagram": ("instagram id", "instagram"),
    "organization": ("company", "company name", "external organization", "organisation", "account name", "firma"),
    "surveyOptOut": ("opt out of surveys", "no surveys"),
    "externalSystemUrl": ("url", "crm url", "link"),
    "address.address1": ("address", "street", "address line 1", "strasse"),
    "address.address2": ("address line 2",),
    "address.city": ("city", "town", "ort"),
    "address.state": ("state", "province", "canton", "region"),
    "address.postalCode": ("postal code", "zip", "zip code", "postcode", "plz"),
    "address.countryCode": ("country code", "country", "land"),
}
_TRUTHS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
_FORMULA = re.compile(r"'+[=+\-@\t\r]")


@dataclass(frozen=True, slots=True)
class Columns:
    """The headings of a file, and what each column is about; None for those that are not read."""

    headings: tuple[str, ...]
    targets: tuple[str | None, ...]

    @property
    def unread(self) -> tuple[str, ...]:
        """The headings of the columns that nobody has asked to leave out, and that tell nothing that we know."""
        pairs = zip(self.headings, self.targets, strict=True)
        return tuple(heading for heading, target in pairs if target is None and heading != REFUSED_BECAUSE)


def columns_of(headings: Sequence[str], wanted: Mapping[str, str]) -> Columns:
    """Return what the columns are about: as `wanted` says by heading, else by the heading itself.

    Raises:
        CommandError: a heading that is wanted is not there, or is wanted for what there is not; or no column is known.
    """
    names = tuple(heading.strip() for heading in headings)
    for heading, target in wanted.items():
        if heading not in names:
            raise CommandError(f"--map names the column {heading!r}, but the columns are {', '.join(names)}.")
        if target not in {*TARGETS, IGNORED} and not (target.startswith(CUSTOM) and target != CUSTOM):
            known = ", ".join((*TARGETS, f"{CUSTOM}NAME", f"{IGNORED} (leave it out)"))
            raise CommandError(f"--map {heading}={target}: there is no {target!r}; choose one of {known}.")
    targets = tuple(wanted.get(name) or _HEADINGS.get(_folded(name)) for name in names)
    if not {*targets} - {None, IGNORED}:
        shown = ", ".join(names)[:200]
        raise CommandError(f"No column is known by its heading ({shown}): tell what they are with --map COLUMN=FIELD.")
    return Columns(names, targets)


def told_by_row(columns: Columns, cells: Sequence[str]) -> Told:
    """Return what a row tells; an empty cell tells nothing."""
    told: Told = {}
    identifiers: list[Told] = []
    for target, cell in zip(columns.targets, cells, strict=False):
        value = _without_guard(cell).strip()
        if not value or target in {None, IGNORED}:
            continue
        if target in IDENTIFIER_TYPES:
            identifiers += [{"type": target, "value": one} for one in _values(value)]
        else:
            _tell(told, str(target), value)
    return {**told, "identifiers": identifiers} if identifiers else told


def guarded(text: str) -> str:
    """Return the text of a cell so that no spreadsheet takes it for a formula: names are typed in by anybody."""
    is_formula = text[:1] in _BEGIN_FORMULAS and not re.fullmatch(r"\+\d+", text)
    return f"'{text}" if is_formula or _FORMULA.match(text) else text


def _tell(told: Told, target: str, value: str) -> None:
    if target.startswith(ADDRESS):
        _part(told, "address")[target.removeprefix(ADDRESS)] = value
    elif target.startswith(CUSTOM):
        _part(told, "customFields")[target.removeprefix(CUSTOM)] = value
    elif target == "customFields":
        told[target] = _json(value)
    elif target == "surveyOptOut":
        told[target] = _TRUTHS.get(value.lower(), value)
    else:
        told[target] = value


def _part(told: Told, name: str) -> Told:
    part = told.setdefault(name, {})
    return part if isinstance(part, dict) else {}


def _values(cell: str) -> list[str]:
    """Return the identifiers of a cell: one a line, or a list in JSON."""
    listed = _json(cell) if cell.startswith("[") else None
    return (
        [str(one) for one in listed] if isinstance(listed, list) else [one for one in cell.splitlines() if one.strip()]
    )


def _json(text: str) -> object:
    try:
        return json.loads(text)
    except ValueError:
        return text  # which the check of the field refuses, by name


def _without_guard(cell: str) -> str:
    return cell[1:] if _FORMULA.match(cell) else cell


def _folded(heading: str) -> str:
    return re.sub(r"[\W_]+", "", heading.casefold())


_BEGIN_FORMULAS = tuple("=+-@\t\r")
_HEADINGS = {
    **{_folded(target): target for target in TARGETS},
    **{_folded(part): ADDRESS + part for part in ADDRESS_LIMITS},
    **{_folded(other): target for target, others in _OTHER_HEADINGS.items() for other in others},
}

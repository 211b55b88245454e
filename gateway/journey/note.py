"""Notes: what somebody has written down about a contact or an external organization."""

from collections.abc import Mapping
from datetime import datetime

from gateway.journey.errors import InvalidValue
from gateway.journey.field_limits import Check, text
from gateway.journey.ids import derive_id

MAX_NOTE = 32_000
SUBJECTS = ("contactId", "externalOrganizationId")
"""What a note can be about, by the field that holds its id."""
NOTE_TEXT: Check = text(MAX_NOTE)


def new_note(
    subject: Mapping[str, str | None], note_text: str, author: str, nonce: str, now: datetime
) -> dict[str, object]:
    """Return a new note as it is kept; `subject` holds the id of exactly one thing, under one of `SUBJECTS`.

    Raises:
        InvalidValue: the text has no or too many characters, or the note is about nothing or about two things.
    """
    about = {name: stored_id for name, stored_id in subject.items() if stored_id is not None}
    if len(about) != 1:
        raise InvalidValue(SUBJECTS[0], about.get(SUBJECTS[0]), f"given, or else `{SUBJECTS[1]}`, and not both")
    return {
        "id": derive_id("note", nonce),
        **about,
        "noteText": NOTE_TEXT("noteText", note_text),
        "createdBy": author,
        "createdDate": now,
        "modifiedDate": now,
    }


def changed_note(note_text: str, now: datetime) -> dict[str, object]:
    """Return the fields of a note that change when it is written anew.

    Raises:
        InvalidValue: the text has no or too many characters.
    """
    return {"noteText": NOTE_TEXT("noteText", note_text), "modifiedDate": now}

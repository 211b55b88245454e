"""Notes about contacts and external organizations: created, updated, deleted."""

from datetime import datetime
from typing import Annotated
from uuid import uuid4

import strawberry

from gateway.access.permissions import Permission
from gateway.access.viewer import Viewer
from gateway.graph.errors import NotFound, Unauthenticated
from gateway.graph.loaders import ContactById, NoteById
from gateway.graph.mutations.records import changed_row, deleted_row, found
from gateway.graph.node import stored_id_of
from gateway.graph.requires import PUBLIC, requires
from gateway.graph.types.organization import Note
from gateway.graph.words import Info, stored
from gateway.journey.note import changed_note, new_note
from gateway.storage.database import Row
from gateway.storage.records import Parent, add_record_under, contact_parent, organization_parent, stored_row

KIND = "Note"
COLLECTION = "notes"


@strawberry.input(description="A note to create, about a contact or an organization: pass the id of exactly one.")
class CreateNoteInput:
    """Input of `createNote`."""

    contact_id: strawberry.ID | None = strawberry.field(default=None, description="The customer it is about.")
    external_organization_id: strawberry.ID | None = strawberry.field(
        default=None, description="The organization it is about."
    )
    note_text: str = strawberry.field(description="The text: 1 to 32,000 characters.")


@strawberry.input(description="A note to write anew.")
class UpdateNoteInput:
    """Input of `updateNote`."""

    id: strawberry.ID = strawberry.field(description="The note.")
    note_text: str = strawberry.field(description="The new text: 1 to 32,000 characters.")


@strawberry.input(description="A note to delete.")
class DeleteNoteInput:
    """Input of `deleteNote`."""

    id: strawberry.ID = strawberry.field(description="The note.")


@strawberry.type(description="The note that was created.", directives=[PUBLIC])
class CreateNotePayload:
    """Payload of `createNote`."""

    note: Note = stored("note", "The note.")


@strawberry.type(description="The note that was changed.", directives=[PUBLIC])
class UpdateNotePayload:
    """Payload of `updateNote`."""

    note: Note = stored("note", "The note, as it is now.")


@strawberry.type(description="The note that was deleted.", directives=[PUBLIC])
class DeleteNotePayload:
    """Payload of `deleteNote`."""

    note: Note = stored("note", "The note, as it was.")


Create = Annotated[CreateNoteInput, strawberry.argument(description="The note to create.")]
Update = Annotated[UpdateNoteInput, strawberry.argument(description="The note, and its new text.")]
Delete = Annotated[DeleteNoteInput, strawberry.argument(description="The note to delete.")]


@strawberry.type(description="What can be changed of notes.")
class NoteMutations:
    """Mutations of notes."""

    @strawberry.mutation(
        description="Write a note about a customer or an organization, in the name of who asks.",
        directives=[requires(Permission.NOTE_ADD)],
    )
    async def create_note(self, info: Info, input: Create) -> CreateNotePayload:  # noqa: A002 - the contract
        """Store a new note, and return it."""
        now = info.context.clock()
        row = _new_row(input, _author(info.context.viewer), now)
        parent, field = _parent(row)
        seen = await _is_seen(info, parent)
        if not seen or not await add_record_under(info.context.database, COLLECTION, row, parent, now):
            raise NotFound(f"`{field}` names what is not there: the note has nothing to be about.", field=field)
        return {"note": row}  # type: ignore[return-value]  # a value of this schema is a mapping

    @strawberry.mutation(
        description="Write a note anew; who wrote it first stays its author.",
        directives=[requires(Permission.NOTE_EDIT)],
    )
    async def update_note(self, info: Info, input: Update) -> UpdateNotePayload:  # noqa: A002
        """Change the text, and return the note."""
        changes = changed_note(input.note_text, info.context.clock())
        await _check_seen(info, input.id)
        return {"note": await changed_row(info, KIND, COLLECTION, input.id, changes)}  # type: ignore[return-value]  # as above

    @strawberry.mutation(description="Delete a note.", directives=[requires(Permission.NOTE_DELETE)])
    async def delete_note(self, info: Info, input: Delete) -> DeleteNotePayload:  # noqa: A002
        """Delete the note, and return it as it was."""
        await _check_seen(info, input.id)
        return {"note": await deleted_row(info, KIND, COLLECTION, input.id)}  # type: ignore[return-value]  # as above


async def _is_seen(info: Info, parent: Parent) -> bool:
    """Tell whether what a note is to be about is no contact that is hidden."""
    if parent.collection != "contacts" or not info.context.sight.hides_contacts:
        return True
    return await info.context.loader(ContactById).load(parent.id) is not None


async def _check_seen(info: Info, id_: str) -> None:
    """Make sure that a note is not about a contact that is hidden.

    Raises:
        NotFound: it is, or is not there.
    """
    if info.context.sight.hides_contacts:
        found(await info.context.loader(NoteById).load(stored_id_of(KIND, id_)), KIND, id_)


def _new_row(wanted: CreateNoteInput, author: str, now: datetime) -> Row:
    contact_id, organization_id = wanted.contact_id, wanted.external_organization_id
    subject = {
        "contactId": _stored_id("Contact", contact_id, "contactId"),
        "externalOrganizationId": _stored_id("ExternalOrganization", organization_id, "externalOrganizationId"),
    }
    return stored_row(new_note(subject, wanted.note_text, author, uuid4().hex, now))


def _stored_id(kind: str, id_: str | None, field: str) -> str | None:
    return None if id_ is None else stored_id_of(kind, id_, field)


def _parent(row: Row) -> tuple[Parent, str]:
    if "contactId" in row:
        return contact_parent(row["contactId"]), "contactId"
    return organization_parent(row["externalOrganizationId"]), "externalOrganizationId"


def _author(viewer: Viewer | None) -> str:
    if viewer is None:
        raise Unauthenticated("No token was given.")
    return viewer.name or viewer.role

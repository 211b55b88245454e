"""`journey-gateway contacts`: files of contacts, in and out."""

from pathlib import Path
from typing import Annotated

import typer

from gateway.cli.contact_export import export_contacts
from gateway.cli.contact_files import Reading
from gateway.cli.contact_import import ImportWanted, import_contacts, preview, show
from gateway.cli.contact_requests import match_types
from gateway.cli.export_person import export_person
from gateway.cli.failures import CommandError, told_in_one_line
from gateway.cli.surroundings import read_settings, run

contacts = typer.Typer(help="Import and export contacts.", no_args_is_help=True)
contacts.command("export-person")(export_person)


@contacts.command("import")
def import_(  # noqa: PLR0913, PLR0917 - the options of the command
    file: Annotated[
        Path, typer.Argument(help="CSV with headings, a JSON array or one JSON object a line; plain or gzip.")
    ],
    columns: Annotated[
        list[str] | None, typer.Option("--map", help="COLUMN=FIELD: what a column is about; FIELD - leaves it out.")
    ] = None,
    match: Annotated[
        str, typer.Option(help="By what contacts are found, in this order: email, phone, externalId and others.")
    ] = "externalId,email",
    merge: Annotated[bool, typer.Option("--merge", help="Merge contacts, if several are found by one row.")] = False,
    external_source: Annotated[
        str | None, typer.Option(help="Take external ids of this source only, by its name or else its id.")
    ] = None,
    region: Annotated[
        str | None,
        typer.Option(help="Where telephone numbers without a country code are dialled; JOURNEY_REGION unless given."),
    ] = None,
    encoding: Annotated[str, typer.Option(help="Encoding of a CSV file, such as cp1252.")] = "utf-8-sig",
    show_preview: Annotated[
        bool, typer.Option("--preview", help="Only show the first contacts as they would be read.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be done.")] = False,
    refused: Annotated[
        Path | None, typer.Option(help="Where to write contacts that are refused; beside the file unless given.")
    ] = None,
) -> None:
    """Import contacts; doing it again changes nothing. One that cannot be taken keeps none of the others from it."""
    with told_in_one_line():
        dialled_in = (region or read_settings().region).upper()
        reading = Reading(_columns(columns or []), external_source, dialled_in, encoding)
        wanted = ImportWanted(file, reading, match_types(match), merge, dry_run, refused)
        if show_preview:
            show(preview(file, reading))
            return
    run(import_contacts(wanted))


@contacts.command("export")
def export(
    file: Annotated[Path, typer.Argument(help="The file to write: NAME.ndjson or NAME.csv.")],
) -> None:
    """Export every known customer, merged contacts as one; importing the file changes nothing."""
    run(export_contacts(file))


def _columns(told: list[str]) -> dict[str, str]:
    columns = {}
    for one in told:
        heading, separator, target = one.rpartition("=")
        if not separator or not heading.strip() or not target.strip():
            raise CommandError(f"--map {one!r} is not COLUMN=FIELD, such as --map 'Given name=firstName'.")
        columns[heading.strip()] = target.strip()
    return columns

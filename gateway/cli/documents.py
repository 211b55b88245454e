"""`journey-gateway documents`: which documents /graphql trusts, when it executes no others."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import orjson
import typer
from graphql import GraphQLError, GraphQLSchema, parse, print_ast, validate

from gateway.cli.failures import CommandError, told_in_one_line
from gateway.graph.persisted import manifest_of
from gateway.graph.schema import make_schema
from gateway.graph.valid_document import RULES

documents = typer.Typer(help="Build the manifest of the documents that /graphql trusts.", no_args_is_help=True)

GRAPHQL_SUFFIXES = {".graphql", ".gql"}
_TEMPLATE = re.compile(r"(?:\b(?:gql|graphql)|/\*\s*GraphQL\s*\*/)\s*`((?:[^`\\]|\\.)*)`", re.DOTALL)
"""Documents in JavaScript and TypeScript: gql`...`, graphql`...`, /* GraphQL */ `...`."""


@dataclass(frozen=True, slots=True)
class Found:
    """A document, and where it stands."""

    path: Path
    line: int
    text: str

    def __str__(self) -> str:
        """Return the place, as editors know it."""
        return f"{self.path}:{self.line}"


@documents.callback()
def _group() -> None:
    """Keep `build` a word of its own, though it is the only one yet."""


@documents.command()
def build(
    files: Annotated[
        list[Path], typer.Argument(help="Files with one document each (.graphql, .gql), or JavaScript and TypeScript.")
    ],
    output: Annotated[Path, typer.Option(help="Where to write the manifest.")],
) -> None:
    """Write the manifest for JOURNEY_TRUSTED_DOCUMENTS; every document must fit the schema."""
    with told_in_one_line():
        found = [document for path in files for document in documents_in(path)]
        schema = make_schema()._schema  # noqa: SLF001 - Strawberry has no public way to its graphql-core schema
        manifest = manifest_of(text for document in found for text in checked(document, schema))
        output.write_bytes(orjson.dumps(manifest, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS) + b"\n")
    typer.echo(f"{len(found)} documents of {len(files)} files in {output}.")


def documents_in(path: Path) -> Iterator[Found]:
    """Yield the documents in a file.

    Raises:
        CommandError: it cannot be read, or has none, or a document that is put together from parts.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(f"{path} cannot be read: {error}.") from error
    if path.suffix in GRAPHQL_SUFFIXES:
        yield Found(path, 1, text)
        return
    templates = list(_TEMPLATE.finditer(text))
    if not templates:
        raise CommandError(f"{path} has no document: neither gql`...`, graphql`...` nor /* GraphQL */ `...`.")
    for template in templates:
        found = Found(path, text.count("\n", 0, template.start(1)) + 1, template[1])
        if "${" in found.text or "\\" in found.text:
            raise CommandError(
                f"{found}: write the document out; what stands in ${{...}} or after \\ is not known here."
            )
        yield found


def checked(found: Found, schema: GraphQLSchema) -> tuple[str, str]:
    """Return a document as it is written, and as clients print it that parse documents before they send them.

    Raises:
        CommandError: it does not fit the schema.
    """
    text = found.text.strip()
    try:
        document = parse(text)
    except GraphQLError as error:
        raise CommandError(f"{found}: {error.message}") from error
    errors = validate(schema, document, RULES)
    if errors:
        raise CommandError(f"{found}: {' '.join(error.message for error in errors)}")
    return text, print_ast(document).strip()

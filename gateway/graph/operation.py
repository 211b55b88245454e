"""What a client asks for, in the words of GraphQL over HTTP and of graphql-transport-ws."""

from typing import Any
from urllib.parse import parse_qsl

import msgspec

from gateway.graph.errors import BadRequest

MAX_PARAMETERS = 20
"""Parameters in the address of a GET; a request has four."""


class Operation(msgspec.Struct, rename="camel"):
    """A GraphQL operation: by its text, by the hash of it, or by both."""

    query: str | None = None
    operation_name: str | None = None
    variables: dict[str, Any] | None = None
    extensions: dict[str, Any] | None = None
    document_id: str | None = None


_read_operation = msgspec.json.Decoder(Operation).decode
_read_map = msgspec.json.Decoder(dict[str, Any] | None).decode


def operation_in(body: bytes) -> Operation:
    """Return the operation in the body of a POST.

    Raises:
        BadRequest: there is none.
    """
    if body.lstrip(b" \t\r\n").startswith(b"["):
        raise BadRequest("The body is a list: operations are not taken in batches, send each in a request of its own.")
    if not body:
        raise BadRequest('The body is empty: send {"query": "..."}.')
    try:
        return _read_operation(body)
    except (ValueError, RecursionError) as error:
        raise BadRequest(f"The body is no operation: {error}. Send JSON such as " + '{"query": "..."}.') from error


def operation_asked_by(query_string: bytes) -> Operation:
    """Return the operation in the address of a GET, where `variables` and `extensions` are JSON.

    Raises:
        BadRequest: there is none.
    """
    try:
        pairs = parse_qsl(query_string.decode("ascii"), keep_blank_values=True, max_num_fields=MAX_PARAMETERS)
        named = dict(pairs)
        return Operation(
            query=named.get("query"),
            operation_name=named.get("operationName") or None,
            variables=_read_map(named.get("variables") or "null"),
            extensions=_read_map(named.get("extensions") or "null"),
            document_id=named.get("documentId"),
        )
    except (ValueError, RecursionError) as error:
        raise BadRequest(f"The address holds no operation: {error}. Ask with ?query=...") from error

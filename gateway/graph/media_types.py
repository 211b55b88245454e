"""Which media type an answer has, by what the client accepts.

https://graphql.github.io/graphql-over-http/draft/#sec-Media-Types
"""

JSON = "application/json"
RESPONSE = "application/graphql-response+json"
"""The media type of GraphQL over HTTP, whose status tells whether the operation was executed."""

_WRITTEN = {RESPONSE: RESPONSE, JSON: JSON, "application/*": JSON, "*/*": JSON}
"""What may be asked for, and what is written then; of equals the first."""


def answer_type_of(accept: str) -> str | None:
    """Return the media type to write for this `Accept` header, or None when the client takes none of ours."""
    if not accept:
        return JSON
    if accept in _WRITTEN:
        return _WRITTEN[accept]
    wanted = [(quality, name) for name, quality in map(_named, accept.split(",")) if name in _WRITTEN and quality]
    best = max((quality for quality, _ in wanted), default=None)
    names = {name for quality, name in wanted if quality == best}
    return next((written for name, written in _WRITTEN.items() if name in names), None)


def is_plain_json(content_type: str) -> bool:
    """Tell whether this `Content-Type` is JSON in UTF-8: what no page can send to another origin unasked."""
    name, _, parameters = content_type.lower().partition(";")
    charset = parameters.strip().replace('"', "")
    return name.strip() == JSON and charset in {"", "charset=utf-8", "charset=utf8"}


def _named(part: str) -> tuple[str, float]:
    name, *parameters = (word.strip().lower() for word in part.split(";"))
    charset = next((word for word in parameters if word.startswith("charset=")), "charset=utf-8")
    if charset.removeprefix("charset=").strip('"') not in {"utf-8", "utf8", "*"}:
        return name, 0.0
    quality = next((word.removeprefix("q=") for word in parameters if word.startswith("q=")), "1")
    try:
        return name, float(quality)
    except ValueError:
        return name, 0.0

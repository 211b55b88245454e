"""Operations that may take longer than others."""

import pytest
from graphql import get_operation_ast, parse

from gateway.graph.schema import make_schema
from gateway.graph.time_limit import time_limit_of
from gateway.prediction.preview import PREVIEW_SECONDS

SCHEMA = make_schema()._schema
PREVIEW = 'previewOutcome(input: {eventName: "order_completed"}) { sessionCount }'


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(f"{{ {PREVIEW} }}", PREVIEW_SECONDS, id="what takes long"),
        pytest.param(f"{{ a: {PREVIEW} b: {PREVIEW} __typename }}", PREVIEW_SECONDS, id="several of it"),
        pytest.param(
            f"{{ ...P }} fragment P on Query {{ ... {{ {PREVIEW} }} }}", PREVIEW_SECONDS, id="within fragments"
        ),
        pytest.param(f"{{ {PREVIEW} viewer {{ name }} }}", None, id="beside something else"),
        pytest.param(
            f"{{ {PREVIEW} ...P }} fragment P on Query {{ viewer {{ name }} }}", None, id="beside it in a fragment"
        ),
        pytest.param("{ viewer { name } }", None, id="nothing of the kind"),
        pytest.param("{ __typename }", None, id="nothing at all"),
    ],
)
def test_an_operation_has_longer_that_asks_for_nothing_but_what_takes_long(text: str, expected: float | None) -> None:
    document = parse(text)
    operation = get_operation_ast(document)
    assert operation is not None
    assert time_limit_of(SCHEMA, document, operation) == expected

from datetime import UTC, datetime
from urllib.parse import parse_qsl, unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.journey.errors import InvalidValue
from gateway.journey.external_source import (
    PLACEHOLDER,
    ExternalSource,
    changed_external_source,
    link_of,
    new_external_source,
)

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
CRM = ExternalSource("s", "CRM", uri_template=f"https://crm.example/contacts/{PLACEHOLDER}?id={PLACEHOLDER}#top")


def test_a_new_source_is_active() -> None:
    link = {"uriTemplate": f"https://crm.example/{PLACEHOLDER}"}
    assert new_external_source({"name": " CRM ", "linkConfiguration": link}, "n", NOON) | {"id": ...} == {
        "id": ...,
        "name": "CRM",
        "active": True,
        "linkConfiguration": link,
        "createdDate": NOON,
        "modifiedDate": NOON,
    }


def test_a_change_can_take_the_link_away_but_not_the_name() -> None:
    told = {"linkConfiguration": None, "active": False}
    assert changed_external_source(told, NOON) == {**told, "modifiedDate": NOON}
    for name in ("name", "active"):
        with pytest.raises(InvalidValue, match=f"`{name}` is null"):
            changed_external_source({name: None}, NOON)


@pytest.mark.parametrize(
    "template",
    [
        pytest.param("https://crm.example/", id="without a place for the id"),
        pytest.param(f"http://crm.example/{PLACEHOLDER}", id="not encrypted"),
        pytest.param(f"javascript:alert('{PLACEHOLDER}')", id="a script"),
        pytest.param(f"https://{PLACEHOLDER}.example/", id="the id as host"),
        pytest.param(f"https://{PLACEHOLDER}@crm.example/", id="the id as user"),
        pytest.param(f"https://crm.example:{PLACEHOLDER}/", id="the id as port"),
        pytest.param(PLACEHOLDER, id="the id alone"),
        pytest.param(f"https://crm.example/a b/{PLACEHOLDER}", id="a space"),
        pytest.param(f"https://crm.example/{'x' * 1000}{PLACEHOLDER}", id="too long"),
    ],
)
def test_a_template_that_is_no_safe_link_is_refused(template: str) -> None:
    with pytest.raises(InvalidValue, match=r"`linkConfiguration.uriTemplate` is "):
        new_external_source({"name": "CRM", "linkConfiguration": {"uriTemplate": template}}, "n", NOON)


@given(value=st.text())
def test_a_link_holds_the_id_whatever_it_is_and_leads_where_the_template_says(value: str) -> None:
    link = link_of(CRM, value)
    assert link is not None
    parts = urlsplit(link)
    assert (parts.scheme, parts.netloc, parts.fragment) == ("https", "crm.example", "top")
    assert unquote(parts.path.removeprefix("/contacts/")) == value
    assert parse_qsl(parts.query, keep_blank_values=True) == [("id", value)]
    assert parts.path.count("/") == 2


def test_without_a_template_or_inactive_there_is_no_link() -> None:
    assert link_of(ExternalSource("s", "CRM"), "1") is None
    assert link_of(ExternalSource("s", "CRM", active=False, uri_template=CRM.uri_template), "1") is None

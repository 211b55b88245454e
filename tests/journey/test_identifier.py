import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.journey.identifier import MAX_IDENTIFIER_LENGTH, IdentifierType, normalised

KINDS = [kind.value for kind in IdentifierType]
PHONE_LIKE = st.text(st.sampled_from("+0123456789 ()-.;extXABC٤"), max_size=24)


@pytest.mark.parametrize(
    ("kind", "typed", "form"),
    [
        pytest.param("Email", " Ada@Shop.Example ", "ada@shop.example", id="an e-mail address"),
        pytest.param("Email", "STRASSE@x.example", "strasse@x.example", id="in capitals"),
        pytest.param("Email", "straße@x.example", "straße@x.example", id="another mailbox than strasse@"),
        pytest.param("Email", "ada", None, id="without an @"),
        pytest.param("Email", "ada@b@c", None, id="with two"),
        pytest.param("Email", "@shop.example", None, id="without a mailbox"),
        pytest.param("Email", "ada@", None, id="without a host"),
        pytest.param("Email", "ada lovelace@shop.example", None, id="with a space inside"),
        pytest.param("Phone", "+1 803-123-0000", "+18031230000", id="a telephone number"),
        pytest.param("Phone", "(803) 123 0000", "+18031230000", id="without a country code"),
        pytest.param("Phone", "tel:+41-44-668-18-00", "+41446681800", id="as a link"),
        pytest.param("Phone", "+1 803 123 0000 ext. 5", "+18031230000;ext=5", id="with an extension"),
        pytest.param("Phone", "123-0000", None, id="for within the town only"),
        pytest.param("Phone", "+41 44 000", None, id="too short"),
        pytest.param("Phone", "+610000000", None, id="one that is read as another each time"),
        pytest.param("Phone", "call me", None, id="no number"),
        pytest.param("ExternalId", " Ab 1 ", "Ab 1", id="an external id keeps its case"),
        pytest.param("ExternalId", " ", None, id="a blank one"),
        pytest.param("ExternalId", "x" * (MAX_IDENTIFIER_LENGTH + 1), None, id="one too long"),
        pytest.param("SocialTwitter", " @ada ", "@ada", id="a social id"),
        pytest.param("Unheard", " x ", "x", id="a kind nobody knows"),
    ],
)
def test_every_kind_has_one_form_in_which_it_is_compared(kind: str, typed: str, form: str | None) -> None:
    assert normalised(kind, typed) == form


@pytest.mark.parametrize(
    ("region", "form"),
    [
        pytest.param("CH", "+41446681800", id="where it is dialled"),
        pytest.param("US", "+10446681800", id="where it would be another"),
        pytest.param("nowhere", None, id="in a region that there is none of"),
    ],
)
def test_a_number_without_a_country_code_is_one_of_the_region(region: str, form: str | None) -> None:
    assert normalised("Phone", "044 668 18 00", region) == form


@given(st.sampled_from(KINDS), st.text(max_size=40) | PHONE_LIKE | st.emails(), st.sampled_from(["US", "CH", "AR"]))
def test_the_form_of_a_form_is_itself_in_any_region(kind: str, typed: str, region: str) -> None:
    form = normalised(kind, typed, region)
    assert form is None or normalised(kind, form, "GB") == form

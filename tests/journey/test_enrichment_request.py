"""What may be told of a customer: whatever makes no sense is refused, and the refusal names the field."""

import pytest

from gateway.journey.enrichment import FieldRule, enrichment_of
from gateway.journey.errors import InvalidValue

R = FieldRule


@pytest.mark.parametrize(
    ("told", "field"),
    [
        pytest.param({"matching": []}, "matchingIdentifiers", id="nothing to match by"),
        pytest.param(
            {"matching": [{"type": "Email", "value": f"{n}@x.example"} for n in range(26)]},
            "matchingIdentifiers",
            id="too much to match by",
        ),
        pytest.param({"matching": [{"type": "Fax", "value": "1"}]}, "matchingIdentifiers[0].type", id="no such type"),
        pytest.param(
            {"matching": [{"type": "Email", "value": " "}]}, "matchingIdentifiers[0].value", id="an empty value"
        ),
        pytest.param({"contact": {"firstName": "x" * 1001}}, "contact.firstName", id="a name too long"),
        pytest.param({"contact": {"address": {"city": "x" * 101}}}, "contact.address.city", id="a city too long"),
        pytest.param({"contact": {"surveyOptOut": "yes"}}, "contact.surveyOptOut", id="a word as truth"),
        pytest.param({"contact": {"externalSystemUrl": "x"}}, "contact.externalSystemUrl", id="no address of the web"),
        pytest.param(
            {"contact": {"identifiers": [{"type": "Cookie", "value": "v"}]}},
            "contact.identifiers[0].type",
            id="a cookie to hold",
        ),
        pytest.param({"rules": {"shoeSize": R.PREFER_EXISTING}}, "fieldRules.field", id="a rule for no field"),
        pytest.param({"rules": {"firstName": R.FILL}}, "fieldRules.firstName", id="a rule of lists for a value"),
        pytest.param({"rules": {"Email": R.PREFER_EXISTING}}, "fieldRules.Email", id="a rule of values for a list"),
    ],
)
def test_what_makes_no_sense_is_refused_by_name(told: dict[str, object], field: str) -> None:
    matching = told.get("matching", [{"type": "Email", "value": "ada@shop.example"}])
    with pytest.raises(InvalidValue) as refused:
        enrichment_of(matching, told.get("contact", {}), "new", "api", rules=told.get("rules"))  # type: ignore[arg-type]  # as each row says
    assert refused.value.field == field

"""Marketing campaigns by parameters of the landing page."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.journey.campaign import CLICK_IDS, MAX_VALUE_LENGTH, campaign_medium, read_campaign


@pytest.mark.parametrize(
    ("query_string", "declared", "expected"),
    [
        pytest.param(
            "utm_source=news&utm_medium=email&utm_campaign=May+sale&utm_term=shoes&utm_content=top",
            {},
            {"source": "news", "medium": "email", "name": "May sale", "term": "shoes", "content": "top"},
            id="every UTM parameter",
        ),
        pytest.param("gclid=abc", {}, {"clickId": "abc", "network": "Google Ads"}, id="a click id"),
        pytest.param("ScCid=abc", {}, {"clickId": "abc", "network": "Snapchat"}, id="a click id in mixed case"),
        pytest.param("fbclid=f&gclid=g", {}, {"clickId": "g", "network": "Google Ads"}, id="the paid click id wins"),
        pytest.param("utm_source=a", {"source": "b"}, {"source": "b"}, id="what is declared wins"),
        pytest.param("", {"name": "Sale"}, {"name": "Sale"}, id="declared alone"),
        pytest.param("utm_source=" + "a" * 600, {}, {"source": "a" * MAX_VALUE_LENGTH}, id="too long"),
        pytest.param("utm_source=&q=shoes", {}, None, id="no value"),
        pytest.param("", {}, None, id="nothing"),
    ],
)
def test_a_campaign_is_read(query_string: str, declared: dict[str, str], expected: dict[str, object] | None) -> None:
    assert read_campaign(query_string, declared) == expected


@pytest.mark.parametrize(
    ("campaign", "medium"),
    [
        pytest.param({"medium": "cpc"}, "paid", id="cost per click"),
        pytest.param({"medium": "Paid-Social"}, "paid", id="paid wins over social"),
        pytest.param({"medium": "social_paid"}, "paid", id="paid in the second word"),
        pytest.param({"medium": "display"}, "paid", id="display"),
        pytest.param({"medium": "E-Mail"}, "email", id="e-mail with a hyphen"),
        pytest.param({"medium": "newsletter"}, "email", id="newsletter"),
        pytest.param({"medium": "social media"}, "social", id="social"),
        pytest.param({"medium": "unpaid"}, None, id="unpaid"),
        pytest.param({"medium": "referral"}, None, id="proves nothing"),
        pytest.param({"network": "Google Ads"}, "paid", id="an advertising network"),
        pytest.param({"network": "Facebook"}, "social", id="Facebook marks every link"),
        pytest.param({"medium": "email", "network": "Google Ads"}, "paid", id="a paid click in spite of the words"),
        pytest.param({}, None, id="no campaign"),
    ],
)
def test_a_campaign_proves_this_medium(campaign: dict[str, object], medium: str | None) -> None:
    assert campaign_medium(campaign) == medium


@pytest.mark.parametrize("parameter", CLICK_IDS)
def test_every_click_id_leads_to_its_network_and_medium(parameter: str) -> None:
    campaign = read_campaign(f"{parameter}=1") or {}
    assert campaign["network"] == CLICK_IDS[parameter].name
    assert campaign_medium(campaign) == CLICK_IDS[parameter].medium


@given(st.text())
def test_whatever_the_query_string_nothing_is_raised(query_string: str) -> None:
    campaign_medium(read_campaign(query_string) or {})

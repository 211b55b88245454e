"""The segments of a whole journey: of every visit, and of the customer."""

from tests.graph.conftest import Api
from tests.graph.test_segments import created


async def test_a_journey_shows_the_segments_of_all_visits_and_of_the_customer_in_order(api: Api) -> None:
    await created(api)
    await created(api, displayName="Customers with a cart", scope="CUSTOMER")
    await created(api, displayName="Readers", journey={"patterns": [{"eventName": "page_viewed"}]})
    cart = {"page": {"url": "https://shop.example/cart"}}
    await api.happens("v", ago=7_200, context={"page": {"url": "https://shop.example/"}})
    await api.happens("v", ago=7_190, context=cart)
    await api.happens("v", context=cart)
    assigned = "segmentAssignments { assignedDate segment { displayName scope } session { id } event { sequence } }"
    (contact,) = (await api.ask(f"{{ contacts {{ nodes {{ journey {{ {assigned} }} }} }} }}"))["contacts"]["nodes"]
    told = contact["journey"]["segmentAssignments"]
    names = [one["segment"]["displayName"] for one in told]
    assert names[0] == "Readers"
    assert sorted(names[1:3]) == ["Customers with a cart", "Shoppers"]
    assert sorted(names[3:]) == ["Readers", "Shoppers"]
    assert [one["assignedDate"] for one in told] == sorted(one["assignedDate"] for one in told)
    assert all((one["session"] is None) == (one["segment"]["scope"] == "CUSTOMER") for one in told)
    assert len({one["session"]["id"] for one in told if one["session"]}) == 2

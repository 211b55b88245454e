"""What the made-up shop has defined: ten outcomes and fifty segments, as files hold them."""

from collections.abc import Iterator, Mapping

from benchmarks.shop import CATEGORIES, SITES, SOURCES
from gateway.journey.conditions import NEVER, Conditions, Pattern
from gateway.journey.conditions_format import written_conditions
from gateway.journey.criterion import Criterion, Operator

OF_EACH_KIND = 5
Definition = dict[str, object]


def definitions() -> dict[str, list[Definition]]:
    """Return the outcomes and the segments."""
    return {
        "outcomes": [
            {"displayName": name, "isPositive": name != "Returns", **written_conditions(Conditions(journey=patterns))}
            for name, patterns in _OUTCOMES.items()
        ],
        "segments": [
            {"displayName": f"{name} {number}", "scope": scope, **written_conditions(conditions)}
            for number in range(OF_EACH_KIND)
            for name, scope, conditions in _segments(number)
        ],
    }


def _page(path: str, count: int = 1) -> Pattern:
    return Pattern((Criterion("page.pathname", (path,), Operator.STARTS_WITH),), count, "page_viewed")


def _event(name: str, *criteria: Criterion, count: int = 1) -> Pattern:
    return Pattern(criteria, count, name)


_OUTCOMES: Mapping[str, tuple[Pattern, ...]] = {
    "Order": (_event("order_completed"),),
    "Added to the cart": (_event("product_added"),),
    "Account": (_event("account_created"),),
    "Newsletter": (_event("newsletter_joined"),),
    "Wish list": (_event("wishlist_added"),),
    "Checkout": (_page("/checkout"),),
    "Contact": (_page("/contact"),),
    "Returns": (_page("/service/returns"),),
    "Store sought": (_page("/stores"),),
    "Searched, then added": (_event("search_performed"), _event("product_added")),
}


def _segments(number: int) -> Iterator[tuple[str, str, Conditions]]:
    """Yield one segment of each of ten kinds: name, scope, conditions."""
    dear = Criterion("attributes.price.value", (str(100 * number),), Operator.GREATER_THAN)
    words = tuple(f"word{word}" for word in range(number, 60, 10))
    products = tuple(f"/product/{product}-item" for product in range(number, 500, 50))
    source = Criterion("mktCampaign.source", (SOURCES[number],))
    mobile = Criterion("device.category", ("mobile",))
    referred = Criterion("referrer.hostname", (SITES[number],))
    title = Criterion("page.title", (f"item {number + 1}", "shop"), Operator.CONTAINS_ALL, should_ignore_case=True)
    category = Criterion("attributes.category.value", (f"c-{number % CATEGORIES}",))
    searched = Pattern((Criterion("searchQuery", words, Operator.CONTAINS_ANY, should_ignore_case=True),))
    viewed = Pattern((Criterion("page.url", products, Operator.CONTAINS_ANY),), 1, "page_viewed")
    yield "On the telephone by campaign", "Session", Conditions(((source, mobile),))
    yield "Referred, then at the cart", "Session", Conditions(((referred,),), (_page("/cart"),))
    yield "Three times in a category", "Session", Conditions(journey=(_page(f"/category/{number}-things", 3),))
    yield "Viewed products", "Session", Conditions(journey=(viewed,))
    yield "Searched", "Session", Conditions(journey=(searched,))
    yield (
        "Searched, viewed, added",
        "Session",
        Conditions(journey=(searched, _page("/product"), _event("product_added"))),
    )
    yield (
        "Added, never ordered",
        "Session",
        Conditions(journey=(_event("product_added", category), _event("order_completed", count=NEVER))),
    )
    yield "Added something dear", "Session", Conditions(journey=(_event("product_added", dear),))
    yield "Read the title", "Session", Conditions(journey=(Pattern((title,)),))
    yield "Reads reviews", "Customer", Conditions(journey=(_event("review_read", category, count=2),))

"""The documents of docs/predictions.md, each as somebody pastes it."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from gateway.graph.node import to_global_id
from gateway.journey.contact import contact_id_of
from tests.graph.conftest import Api
from tests.graph.learned_shop import ORDER_ID, learned_shop
from tests.graph.socket_client import acknowledged

PAGE = (Path(__file__).parents[2] / "docs" / "predictions.md").read_text(encoding="utf-8")
DOCUMENTS = re.findall(r"```graphql\n(.*?)```", PAGE, re.DOTALL)
ADA = to_global_id("Contact", contact_id_of("cookie", "ada"))


@pytest.fixture(scope="module")
async def shop(mongodb_url: str) -> AsyncIterator[Api]:
    async with learned_shop(mongodb_url) as api:
        await api.happens("ada", context={"page": {"url": "https://shop.example/cart"}})
        yield api


@pytest.mark.parametrize("document", [one for one in DOCUMENTS if not one.startswith("subscription")])
async def test_a_document_of_the_page_is_answered(document: str, shop: Api) -> None:
    (session,) = (await shop.ask("{ sessions(first: 1) { nodes { id } } }"))["sessions"]["nodes"]
    known = {"session": session["id"], "outcome": ORDER_ID, "contact": ADA}
    variables = {name: value for name, value in known.items() if f"${name}" in document}
    assert all((await shop.ask(document, **variables)).values())


async def test_the_subscription_of_the_page_tells_the_next_prediction(shop: Api) -> None:
    (document,) = (one for one in DOCUMENTS if one.startswith("subscription"))
    async with acknowledged(shop.app) as socket:
        await socket.subscribe(document)
        await socket.send(id="2", type="subscribe", payload={"query": "{ viewer { name } }"})
        while (message := await socket.receive())["type"] != "complete":
            assert message["id"] == "2"
        await shop.happens("bob")
        told = await socket.told("predictions")
    assert 0 < told["prediction"]["probability"] < 1

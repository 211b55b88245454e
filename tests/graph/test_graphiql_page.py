"""GraphiQL is served with the demonstration, or where it is allowed to who may use it; nowhere else."""

from pathlib import Path

import pytest

from tests.graph.conftest import TOKEN, api_over

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.mark.parametrize(
    ("environ", "status"),
    [
        pytest.param({}, 404, id="in production"),
        pytest.param({"JOURNEY_GRAPHIQL": "true"}, 401, id="where it is allowed"),
        pytest.param({"JOURNEY_DEMO_DIR": str(EXAMPLES), "JOURNEY_ADMIN_TOKEN": TOKEN}, 200, id="in the demonstration"),
        pytest.param({"JOURNEY_DEMO_DIR": str(EXAMPLES), "JOURNEY_GRAPHIQL": "false"}, 404, id="where it is forbidden"),
    ],
)
async def test_it_is_shown_to_everybody_in_the_demonstration_alone(
    mongodb_url: str, environ: dict[str, str], status: int
) -> None:
    async with api_over(mongodb_url, environ) as api:
        assert (await api.client.get("/graphiql")).status_code == status


async def test_where_it_is_allowed_it_opens_with_a_token_that_may_use_it(mongodb_url: str) -> None:
    create = 'mutation { createToken(input: {name: "Agent", role: "agent"}) { secret } }'
    async with api_over(mongodb_url, {"JOURNEY_GRAPHIQL": "true"}) as api:
        agent = (await api.ask(create))["createToken"]["secret"]
        opened = await api.client.get("/graphiql", auth=("anybody", TOKEN))
        answers = [await api.client.get("/graphiql", auth=("anybody", token)) for token in ("wrong", "", agent)]
        bearer = await api.client.get("/graphiql", headers={"Authorization": f"Bearer {TOKEN}"})
    assert opened.status_code == 200
    assert f'content="{TOKEN}"' in opened.text
    assert opened.headers["cache-control"] == "no-store"
    assert [answer.status_code for answer in answers] == [401, 401, 403]
    assert (bearer.status_code, bearer.headers["www-authenticate"].split()[0]) == (401, "Basic")

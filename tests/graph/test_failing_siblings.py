"""A field that fails takes along its own object, and nothing of the others, whose rows come from the same loaders."""

from tests.graph.conftest import Api

BOTH_ENDS = "events(first: 1, last: 1) { nodes { id } }"


async def test_fields_elsewhere_are_answered(api: Api) -> None:
    """`presence` beside the failing field and `sessionCount` elsewhere wait for the same rows."""
    await api.happens("ada")
    [contact] = (await api.ask("{ contacts { nodes { id } } }"))["contacts"]["nodes"]
    document = f"""query ($id: ID!) {{
      contact(id: $id) {{ sessionCount journey {{ contact {{ presence }} {BOTH_ENDS} }} }}
    }}"""
    answer = await api.post({"query": document, "variables": {"id": contact["id"]}})
    body = answer.json()
    assert [(error["path"], error["extensions"]["code"]) for error in body["errors"]] == [
        (["contact", "journey", "events"], "BAD_USER_INPUT")
    ]
    assert body["data"]["contact"]["sessionCount"] == 1

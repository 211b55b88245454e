"""docs/permissions.md tells what the code does."""

import json
import re

from tests.graph.permission_table import PAGE, page_with, table


def test_the_table_of_permissions_is_that_of_the_roles_and_the_schema() -> None:
    assert PAGE.read_text(encoding="utf-8") == page_with(table()), "run `python -m tests.graph.permission_table`"


def test_the_refusal_that_is_shown_is_json() -> None:
    (shown,) = re.findall(r"```json\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert json.loads(shown)["extensions"]["code"] == "FORBIDDEN"

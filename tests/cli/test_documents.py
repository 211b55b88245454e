"""`journey-gateway documents build`: the manifest of the documents that are trusted."""

import json
from pathlib import Path

import pytest

from gateway.cli.documents import documents_in
from gateway.graph.persisted import hash_of, read_manifest
from tests.running_server import run_command

SESSIONS = "query Sessions($first: Int) {\n  sessions(first: $first) {\n    nodes {\n      id\n    }\n  }\n}"


def test_it_finds_the_documents_of_graphql_and_javascript_files(tmp_path: Path) -> None:
    (tmp_path / "sessions.graphql").write_text(f"{SESSIONS}\n")
    (tmp_path / "desk.ts").write_text(
        "const a = gql`{ outcomes { id } }`;\nconst b = /* GraphQL */ `{ viewer{name} }`;"
    )
    output = tmp_path / "manifest.json"
    ended = run_command("documents", "build", tmp_path / "sessions.graphql", tmp_path / "desk.ts", "--output", output)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout == f"3 documents of 2 files in {output}.\n"
    manifest = read_manifest(output)
    assert {SESSIONS, "{ outcomes { id } }", "{ viewer{name} }"} <= set(manifest.values())
    assert manifest[hash_of(SESSIONS)] == SESSIONS


def test_a_document_is_trusted_as_it_is_written_and_as_clients_print_it(tmp_path: Path) -> None:
    (tmp_path / "desk.js").write_text("gql`\n  { viewer{name} }\n`")
    output = tmp_path / "manifest.json"
    run_command("documents", "build", tmp_path / "desk.js", "--output", output)
    assert set(json.loads(output.read_text()).values()) == {"{ viewer{name} }", "{\n  viewer {\n    name\n  }\n}"}


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        pytest.param("a.graphql", "{ nothing }", "a.graphql:1", id="a field that is not there"),
        pytest.param("a.graphql", "{", "a.graphql:1", id="no GraphQL"),
        pytest.param("a.js", "\n\nconst a = gql`{ nothing }`", "a.js:3", id="a line of JavaScript"),
        pytest.param("a.js", "gql`{ viewer { ${fields} } }`", "write the document out", id="parts put together"),
        pytest.param("a.js", "const a = 1", "has no document", id="none"),
    ],
)
def test_what_cannot_be_trusted_is_named_with_its_place(tmp_path: Path, name: str, content: str, told: str) -> None:
    (tmp_path / name).write_text(content)
    ended = run_command("documents", "build", tmp_path / name, "--output", tmp_path / "manifest.json")
    assert ended.returncode == 1
    assert told in ended.stderr
    assert "Traceback" not in ended.stderr
    assert not (tmp_path / "manifest.json").exists()


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    ended = run_command("documents", "build", tmp_path / "none.js", "--output", tmp_path / "manifest.json")
    assert ended.returncode == 1
    assert "none.js cannot be read" in ended.stderr


def test_templates_that_are_no_documents_are_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "a.js"
    path.write_text("const a = `{ not }`; const b = css`{}`; const c = graphql`{ __typename }`")
    assert [found.text for found in documents_in(path)] == ["{ __typename }"]

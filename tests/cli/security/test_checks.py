"""What `doctor --security` finds open: nothing on a sound machine, and each flaw by its name."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from gateway.access.permissions import ROLES, Permission
from gateway.access.tokens import hash_of
from gateway.cli.security.check import Severity
from gateway.cli.security.checks import CHECKS, findings
from gateway.cli.security.facts import Facts, Served
from gateway.cli.security.of_the_network import LIMITS
from gateway.cli.security.report import tell
from gateway.settings import Settings
from gateway.storage.database import Row
from gateway.storage.mongodb_address import MongoDBAddress

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
DAY = timedelta(days=1)
SHORT = "letmein"
MONGODB = "mongodb://user:secret@db.example/?tls=true"


def settings(**variables: str) -> Settings:
    return Settings.read({f"JOURNEY_{name.upper()}": value for name, value in variables.items()})


def token(**fields: object) -> Row:
    made = {"name": "Ada", "role": "admin", "hash": hash_of("long"), "createdDate": NOW - DAY}
    return {**made, "expiresDate": NOW + DAY, "lastUsedDate": NOW, **fields}


def write_key(**fields: object) -> Row:
    return {"name": "shop", "allowedOrigins": ["https://shop.example"], "allowedDomains": ["shop.example"], **fields}


SERVED = Served(over_tls=True, demo=False, graphiql=False, token_in_page=False, metrics=False)
SOUND = Facts(
    settings=settings(),
    variables=frozenset(),
    url="https://journey.example",
    served=SERVED,
    mongodb=MongoDBAddress.read(MONGODB),
    mongodb_version=(8, 0, 4),
    tokens=(token(), token(name="Bob", role="agent", expiresDate=None)),
    write_keys=(write_key(),),
    roles=ROLES,
    data_dir_mode=0o700,
    token_file_mode=None,
    is_root=False,
    now=NOW,
)
HERE: Mapping[str, object] = {"url": "http://127.0.0.1:8000"}
HERE_MONGODB = MongoDBAddress.read("mongodb://127.0.0.1:1/?replicaSet=journey")


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param({"url": "http://journey.example"}, ["severe: plain HTTP"], id="plain HTTP"),
        pytest.param({"settings": settings(host="192.0.2.1")}, ["warning: listening address"], id="all interfaces"),
        pytest.param(HERE, ["note: proxy not looked at"], id="asked on this machine only"),
        pytest.param({**HERE, "settings": settings(host="::")}, ["warning: listening address"], id="all of IPv6"),
        pytest.param(
            {"served": replace(SERVED, over_tls=False)}, ["warning: proxy unknown to server"], id="a silent proxy"
        ),
        pytest.param(
            {"served": replace(SERVED, token_in_page=True)}, ["severe: token in pages"], id="a token in pages"
        ),
        pytest.param(
            {**HERE, "served": replace(SERVED, demo=True, token_in_page=True, graphiql=True, metrics=True)},
            ["note: proxy not looked at", "note: demonstration"],
            id="a demonstration on one's own machine",
        ),
        pytest.param({"served": replace(SERVED, graphiql=True)}, ["warning: GraphiQL"], id="GraphiQL"),
        pytest.param({"served": replace(SERVED, metrics=True)}, ["warning: metrics"], id="metrics"),
        pytest.param({"settings": settings(allowed_origins="*")}, ["warning: CORS for all"], id="CORS for all"),
        pytest.param({"settings": settings(allowed_origins="https://desk.example")}, [], id="CORS for one origin"),
        pytest.param({"settings": settings(graphql_get="true")}, ["note: queries by GET"], id="queries by GET"),
        *(
            pytest.param({"settings": settings(**{limit: "0"})}, ["warning: limits off"], id=f"{limit} is off")
            for limit in LIMITS
        ),
        pytest.param({"served": None}, [], id="no server answers"),
        pytest.param(
            {"settings": settings(admin_token=SHORT), "tokens": (token(hash=hash_of(SHORT)),)},
            ["severe: guessable token"],
            id="a token that can be guessed",
        ),
        pytest.param({"settings": settings(admin_token=SHORT)}, [], id="a short token that opens nothing"),
        pytest.param(
            {"settings": settings(admin_token=SHORT), "tokens": (token(hash=hash_of(SHORT), revokedDate=NOW),)},
            [],
            id="a short token that is revoked",
        ),
        pytest.param(
            {"variables": frozenset({"JOURNEY_ADMIN_TOKEN"})},
            ["warning: token in environment"],
            id="in the environment",
        ),
        pytest.param({"token_file_mode": 0o600}, ["note: token file"], id="the file of the first token"),
        pytest.param({"tokens": (token(expiresDate=None),)}, ["warning: endless admin tokens"], id="an endless token"),
        pytest.param(
            {"tokens": (token(expiresDate=NOW, lastUsedDate=None, createdDate=NOW - 99 * DAY),)},
            [],
            id="an expired token",
        ),
        pytest.param(
            {"tokens": (token(lastUsedDate=None, createdDate=NOW - 31 * DAY),)},
            ["warning: idle tokens"],
            id="never used",
        ),
        pytest.param({"tokens": (token(lastUsedDate=NOW - 31 * DAY),)}, ["warning: idle tokens"], id="not used lately"),
        pytest.param({"tokens": (token(role="analyst"),)}, ["note: introspection"], id="an analyst may introspect"),
        pytest.param({"tokens": (token(role="former role"),)}, [], id="a role that is no more"),
        pytest.param(
            {"tokens": (token(role="readers"),), "roles": {"readers": frozenset({Permission.SCHEMA_INTROSPECT})}},
            ["note: introspection"],
            id="a role of one's own that may introspect",
        ),
        pytest.param(
            {"tokens": (token(role="root", expiresDate=None),), "roles": {"root": frozenset(Permission)}},
            ["warning: endless admin tokens"],
            id="an endless token of a role of one's own that may do everything",
        ),
        pytest.param(
            {"write_keys": (write_key(allowedOrigins=["*"]),)}, ["warning: wildcard origins"], id="any origin"
        ),
        pytest.param(
            {"write_keys": (write_key(allowedOrigins=["*"], revokedDate=NOW),)}, [], id="any origin of a revoked key"
        ),
        pytest.param({"write_keys": (write_key(allowedDomains=[]),)}, ["note: domains of write keys"], id="any domain"),
        pytest.param({"mongodb_version": (6, 0, 5)}, ["warning: old MongoDB"], id="a MongoDB without fixes"),
        pytest.param(
            {"mongodb_version": (7, 0, 1), "now": NOW + 365 * DAY, "tokens": ()},
            ["warning: old MongoDB"],
            id="next year",
        ),
        pytest.param(
            {"mongodb": MongoDBAddress.read("mongodb://db.example/?tls=true")},
            ["severe: MongoDB without password"],
            id="an open MongoDB elsewhere",
        ),
        pytest.param(
            {"mongodb": MongoDBAddress.read("mongodb://user:secret@db.example")},
            ["warning: MongoDB without TLS"],
            id="a MongoDB elsewhere without TLS",
        ),
        pytest.param({"mongodb": HERE_MONGODB}, ["note: MongoDB on this machine"], id="the embedded MongoDB"),
        pytest.param({"data_dir_mode": 0o755}, ["severe: readable files"], id="a data directory for all"),
        pytest.param({"data_dir_mode": 0o750}, ["severe: readable files"], id="a data directory for a group"),
        pytest.param(
            {"token_file_mode": 0o644}, ["severe: readable files", "note: token file"], id="a token file for all"
        ),
        pytest.param({"data_dir_mode": None}, [], id="no data directory"),
        pytest.param({"is_root": True}, ["warning: root"], id="root"),
        pytest.param({"settings": settings(ip_addresses="full")}, ["note: IP addresses"], id="whole addresses"),
        pytest.param({"settings": settings(honour_gpc="false")}, ["note: privacy signal"], id="a signal ignored"),
    ],
)
def test_each_flaw_is_found_by_its_name(changes: Mapping[str, object], expected: list[str]) -> None:
    found = findings(replace(SOUND, **changes))  # type: ignore[arg-type]  # rows of a table, each of the field's type
    assert [f"{one.check.severity}: {one.check.name}" for one in found] == expected


def test_a_sound_machine_has_nothing_open() -> None:
    assert findings(SOUND) == []


def test_every_check_is_told_apart_and_gives_advice() -> None:
    assert len({check.name for check in CHECKS}) == len(CHECKS)
    assert all(check.advice.endswith(".") for check in CHECKS)


def report(facts: Facts) -> tuple[int, str]:
    console = Console(file=StringIO(), width=400)
    severe = tell(facts, console)
    assert isinstance(console.file, StringIO)
    return severe, console.file.getvalue()


def test_the_worst_comes_first_with_what_to_do_about_it() -> None:
    severe, told = report(replace(SOUND, data_dir_mode=0o777, is_root=True))
    _, first, second, _, summary = told.splitlines()
    assert severe == 1
    assert first.startswith(f"{Severity.SEVERE}")
    assert "Other users of this machine may look into the data directory (mode 777). chmod go=" in first
    assert second.startswith(f"{Severity.WARNING}")
    assert summary == f"{len(CHECKS)} of {len(CHECKS)} checks made, {len(CHECKS) - 2} found nothing open."


def test_what_cannot_be_examined_is_told() -> None:
    severe, told = report(replace(SOUND, served=None))
    assert severe == 0
    assert "Not examined, as no server answers at https://journey.example: token in pages" in told


def test_no_secret_is_told(tmp_path: Path) -> None:
    with_secrets = settings(admin_token=SHORT, mongodb_url=MONGODB, data_dir=str(tmp_path), host="192.0.2.1")
    variables = frozenset({"JOURNEY_ADMIN_TOKEN"})
    _, told = report(
        replace(
            SOUND, settings=with_secrets, variables=variables, tokens=(token(hash=hash_of(SHORT), expiresDate=None),)
        )
    )
    assert "guessable token" in told
    assert SHORT not in told
    assert "secret" not in told

from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.journey.identity_resolution import LinkPolicies, LinkPolicy
from gateway.settings import SETTINGS, Settings, SettingsError


def test_an_empty_environment_gives_the_defaults() -> None:
    assert Settings.read({}) == Settings(
        mongodb_url=None,
        database="journey",
        data_dir=Path(".data"),
        host="127.0.0.1",
        port=8000,
        workers=1,
        session_timeout=timedelta(minutes=20),
        write_key=None,
        admin_token=None,
        log_level="info",
        contact_expiry=timedelta(days=60),
        audit_kept_for=timedelta(days=400),
        ip_addresses="truncated",
        honour_gpc=True,
        region="US",
        link_policies=LinkPolicies({"Email": LinkPolicy.ALWAYS}),
        graphql_get=False,
        graphiql=None,
        allowed_origins=(),
        trusted_documents=None,
        oidc_issuer=None,
        oidc_audience=None,
        oidc_role_claim="roles",
        oidc_roles=None,
        oidc_division_claim="divisions",
        oidc_name_claim="email",
        max_depth=15,
        max_aliases=50,
        max_tokens=4_000,
        max_cost=50_000,
        cost_budget=1_000_000,
        requests_per_minute=6_000,
        address_requests_per_minute=60_000,
        query_seconds=10,
        contact_divisions=False,
        train_every=timedelta(days=1),
        drift_bound=0.05,
        demo_dir=None,
    )


def test_an_empty_variable_is_as_good_as_none() -> None:
    assert Settings.read({setting.variable: " " for setting in SETTINGS}) == Settings.read({})


def test_variables_of_others_are_left_alone() -> None:
    assert Settings.read({"PATH": "/bin", "XJOURNEY_PORT": "x"}) == Settings.read({})


@pytest.mark.parametrize(
    ("variable", "text", "field", "value"),
    [
        pytest.param("JOURNEY_MONGODB_URL", "mongodb://a,b/?replicaSet=r", "mongodb_url", None, id="cluster"),
        pytest.param("JOURNEY_MONGODB_URL", "mongodb+srv://a.example", "mongodb_url", None, id="cluster found by DNS"),
        pytest.param("JOURNEY_DATABASE", "shop-2", "database", None, id="database"),
        pytest.param("JOURNEY_DATA_DIR", "/var/lib/journey", "data_dir", Path("/var/lib/journey"), id="data directory"),
        pytest.param("JOURNEY_HOST", "::1", "host", None, id="IPv6"),
        pytest.param("JOURNEY_PORT", "9000", "port", 9000, id="port"),
        pytest.param("JOURNEY_WORKERS", "2", "workers", 2, id="workers"),
        pytest.param("JOURNEY_SESSION_TIMEOUT", "1800", "session_timeout", timedelta(minutes=30), id="time-out"),
        pytest.param("JOURNEY_WRITE_KEY", "wk_1", "write_key", None, id="write key"),
        pytest.param("JOURNEY_ADMIN_TOKEN", "a.b~c==", "admin_token", None, id="admin token"),
        pytest.param("JOURNEY_LOG_LEVEL", "DEBUG", "log_level", "debug", id="log level in capitals"),
        pytest.param("JOURNEY_CONTACT_EXPIRY_DAYS", "7", "contact_expiry", timedelta(days=7), id="expiry"),
        pytest.param("JOURNEY_AUDIT_DAYS", "30", "audit_kept_for", timedelta(days=30), id="audit log"),
        pytest.param("JOURNEY_IP_ADDRESSES", "none", "ip_addresses", None, id="no IP addresses"),
        pytest.param("JOURNEY_IP_ADDRESSES", "Full", "ip_addresses", "full", id="whole IP addresses"),
        pytest.param("JOURNEY_HONOUR_GPC", "False", "honour_gpc", False, id="privacy signal"),
        pytest.param("JOURNEY_GRAPHQL_GET", "true", "graphql_get", True, id="GET"),
        pytest.param("JOURNEY_GRAPHIQL", "false", "graphiql", False, id="no GraphiQL"),
        pytest.param("JOURNEY_TRUSTED_DOCUMENTS", __file__, "trusted_documents", Path(__file__), id="a manifest"),
        pytest.param(
            "JOURNEY_ALLOWED_ORIGINS",
            "https://Desk.example/, http://127.0.0.1:3000",
            "allowed_origins",
            ("https://desk.example", "http://127.0.0.1:3000"),
            id="origins",
        ),
        pytest.param("JOURNEY_OIDC_AUDIENCE", "https://api.shop.example", "oidc_audience", None, id="audience"),
        pytest.param("JOURNEY_OIDC_ROLE_CLAIM", "realm_access.roles", "oidc_role_claim", None, id="role claim"),
        pytest.param(
            "JOURNEY_OIDC_ROLES",
            " CN=ops=admin, Support desk = agent,",
            "oidc_roles",
            (("CN=ops", "admin"), ("Support desk", "agent")),
            id="roles of an issuer",
        ),
        pytest.param("JOURNEY_MAX_DEPTH", "20", "max_depth", 20, id="depth"),
        pytest.param("JOURNEY_MAX_ALIASES", "0", "max_aliases", 0, id="aliases without a limit"),
        pytest.param("JOURNEY_MAX_TOKENS", "10000", "max_tokens", 10_000, id="tokens"),
        pytest.param("JOURNEY_MAX_COST", "1000", "max_cost", 1_000, id="cost"),
        pytest.param("JOURNEY_COST_BUDGET", "5000000", "cost_budget", 5_000_000, id="budget"),
        pytest.param("JOURNEY_REQUESTS_PER_MINUTE", "600", "requests_per_minute", 600, id="requests"),
        pytest.param("JOURNEY_ADDRESS_REQUESTS_PER_MINUTE", "0", "address_requests_per_minute", 0, id="addresses"),
        pytest.param("JOURNEY_QUERY_SECONDS", "30", "query_seconds", 30, id="seconds of a query"),
        pytest.param("JOURNEY_TRAIN_EVERY_HOURS", "0", "train_every", timedelta(0), id="no training by itself"),
        pytest.param("JOURNEY_DRIFT_BOUND", ".1", "drift_bound", 0.1, id="drift"),
        pytest.param("JOURNEY_DEMO_DIR", "examples", "demo_dir", Path("examples"), id="demo"),
    ],
)
def test_a_variable_is_read_into_its_field(variable: str, text: str, field: str, value: object) -> None:
    assert getattr(Settings.read({variable: text}), field) == (text if value is None else value)


@pytest.mark.parametrize(
    ("variable", "text", "message"),
    [
        pytest.param("JOURNEY_PORT", "0", "'0' is not allowed; it must be a whole number from 1 to 65535"),
        pytest.param("JOURNEY_PORT", "80a", "JOURNEY_PORT: '80a' is not allowed"),
        pytest.param("JOURNEY_PORT", "٨٠", "whole number", id="digits of another script"),
        pytest.param("JOURNEY_WORKERS", "-1", "whole number from 1 to 256"),
        pytest.param("JOURNEY_SESSION_TIMEOUT", "20m", "whole number from 1 to 86400 (seconds)"),
        pytest.param("JOURNEY_CONTACT_EXPIRY_DAYS", "0", "whole number from 1 to 3650 (days)"),
        pytest.param("JOURNEY_DATABASE", "admin", "not admin, config or local"),
        pytest.param("JOURNEY_DATABASE", "a b", "letters, digits, hyphens and underscores"),
        pytest.param("JOURNEY_HOST", "http://a", "a host name or an IP address"),
        pytest.param("JOURNEY_AUDIT_DAYS", "0", "whole number from 1 to 3650 (days)"),
        pytest.param("JOURNEY_IP_ADDRESSES", "half", "'half' is not allowed; it must be one of full, truncated, none"),
        pytest.param("JOURNEY_HONOUR_GPC", "1", "one of true, false"),
        pytest.param("JOURNEY_ALLOWED_ORIGINS", "desk.example", "origins such as https://desk.example"),
        pytest.param("JOURNEY_ALLOWED_ORIGINS", "https://desk.example/crm", "origins such as https://desk.example"),
        pytest.param("JOURNEY_TRUSTED_DOCUMENTS", "/none.json", "the path of a file that is there"),
        pytest.param("JOURNEY_LOG_LEVEL", "loud", "one of debug, info, warning, error, critical"),
        pytest.param("JOURNEY_WRITE_KEY", "a:b", "letters, digits, hyphens and underscores"),
        pytest.param("JOURNEY_MONGODB_URL", "postgres://a", "starts with mongodb:// or mongodb+srv://"),
        pytest.param("JOURNEY_OIDC_ROLES", "ops=", "VALUE=ROLE,... such as support=agent,ops=admin", id="no role"),
        pytest.param("JOURNEY_OIDC_ROLES", "=admin", "VALUE=ROLE,...", id="role of nothing"),
        pytest.param("JOURNEY_OIDC_ROLES", ",", "VALUE=ROLE,...", id="no roles"),
        pytest.param("JOURNEY_OIDC_ROLE_CLAIM", "a b", "the name of a claim"),
        pytest.param("JOURNEY_OIDC_ISSUER", "id.shop.example", "https:// URL", id="issuer without scheme"),
        pytest.param("JOURNEY_OIDC_ISSUER", "http://id.shop.example", "https:// URL", id="issuer without TLS"),
        pytest.param("JOURNEY_OIDC_ISSUER", "https://a:b@id.shop.example", "https:// URL", id="issuer with password"),
        pytest.param("JOURNEY_OIDC_ISSUER", "https://id.shop.example/?a=1", "https:// URL", id="issuer with query"),
        pytest.param("JOURNEY_OIDC_ISSUER", "https://[::1", "https:// URL", id="issuer that is no URL"),
        pytest.param("JOURNEY_OIDC_ISSUER", "https://id.shop.example:x", "https:// URL", id="issuer without port"),
        pytest.param("JOURNEY_OIDC_ISSUER", "https://id.shop.example", "JOURNEY_OIDC_AUDIENCE is needed beside"),
        pytest.param("JOURNEY_MAX_DEPTH", "-1", "whole number from 0 to 1000"),
        pytest.param("JOURNEY_TRAIN_EVERY_HOURS", "9000", "whole number from 0 to 8760 (hours)"),
        pytest.param("JOURNEY_DRIFT_BOUND", "5%", "a number between 0 and 1, such as 0.05"),
        pytest.param("JOURNEY_DRIFT_BOUND", "0.0", "a number between 0 and 1", id="a bound of nothing"),
        pytest.param("JOURNEY_QUERY_SECONDS", "0.5", "whole number from 0 to 3600"),
        pytest.param("JOURNEY_POTR", "1", "JOURNEY_POTR is not a setting; did you mean JOURNEY_PORT?", id="typo"),
        pytest.param("JOURNEY_QQ", "1", "JOURNEY_QQ is not a setting; known are JOURNEY_MONGODB_URL, ", id="unknown"),
    ],
)
def test_a_bad_variable_is_named_with_its_value_and_what_is_allowed(variable: str, text: str, message: str) -> None:
    with pytest.raises(SettingsError) as caught:
        Settings.read({variable: text})
    assert message in str(caught.value)


@pytest.mark.parametrize(
    "issuer", ["https://id.shop.example/realms/shop", "https://a.b/", "http://127.0.0.1:81", "http://[::1]/a"]
)
def test_an_issuer_comes_with_its_audience(issuer: str) -> None:
    settings = Settings.read({"JOURNEY_OIDC_ISSUER": issuer, "JOURNEY_OIDC_AUDIENCE": "journey"})
    assert (settings.oidc_issuer, settings.oidc_audience) == (issuer, "journey")


def test_all_problems_are_told_at_once() -> None:
    with pytest.raises(SettingsError) as caught:
        Settings.read({"JOURNEY_PORT": "x", "JOURNEY_LOG_LEVEL": "x", "JOURNEY_HOTS": "x"})
    assert [problem.split(":")[0].split()[0] for problem in caught.value.problems] == [
        "JOURNEY_PORT",
        "JOURNEY_LOG_LEVEL",
        "JOURNEY_HOTS",
    ]


@pytest.mark.parametrize("variable", [setting.variable for setting in SETTINGS if setting.secret])
def test_a_value_that_may_hold_a_secret_is_never_shown(variable: str) -> None:
    with pytest.raises(SettingsError) as caught:
        Settings.read({variable: "hunter2 hunter2"})
    assert "hunter2" not in str(caught.value)


def test_the_repr_holds_no_secret() -> None:
    settings = Settings.read({"JOURNEY_MONGODB_URL": "mongodb://u:hunter2@a", "JOURNEY_ADMIN_TOKEN": "hunter2"})
    assert "hunter2" not in repr(settings)


@given(text=st.text())
def test_any_text_is_either_a_port_or_an_error(text: str) -> None:
    try:
        port = Settings.read({"JOURNEY_PORT": text}).port
    except SettingsError:
        return
    assert 1 <= port <= 65_535


def test_every_field_has_one_row_of_the_table() -> None:
    assert [setting.field for setting in SETTINGS] == list(Settings.__slots__)

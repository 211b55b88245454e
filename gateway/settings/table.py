"""Every setting that there is: the variable, how it is understood, its default, and what it is for."""

from pathlib import Path

from gateway.journey.identifier import DEFAULT_REGION
from gateway.settings.conversions import (
    duration,
    file,
    issuer,
    link_policies,
    matching,
    oidc_roles,
    one_of,
    origins,
    share,
    whole_number,
    yes_or_no,
)
from gateway.settings.setting import Setting

LOG_LEVELS = ("debug", "info", "warning", "error", "critical")
IP_ADDRESSES = ("full", "truncated", "none")
_CLAIM = "the name of a claim: one word of at most 500 characters"

SETTINGS = (
    Setting(
        "JOURNEY_MONGODB_URL",
        "mongodb_url",
        matching(r"mongodb(\+srv)?://\S+", "a URL that starts with mongodb:// or mongodb+srv://"),
        None,
        "Replica set or sharded cluster to use, MongoDB 6.0 or later. Absent: an embedded mongod is started.",
        secret=True,
    ),
    Setting(
        "JOURNEY_DATABASE",
        "database",
        matching(
            r"(?!(?:admin|config|local)$)[A-Za-z0-9_-]{1,63}",
            "1 to 63 letters, digits, hyphens and underscores, and not admin, config or local",
        ),
        "journey",
        "Name of the database.",
    ),
    Setting("JOURNEY_DATA_DIR", "data_dir", Path, ".data", "Directory in which the embedded mongod keeps its data."),
    Setting(
        "JOURNEY_HOST",
        "host",
        matching(r"[A-Za-z0-9.:_-]+", "a host name or an IP address"),
        "127.0.0.1",
        "Address to listen on; 0.0.0.0 for all of IPv4.",
    ),
    Setting("JOURNEY_PORT", "port", whole_number(1, 65_535), "8000", "Port to listen on."),
    Setting("JOURNEY_WORKERS", "workers", whole_number(1, 256), "1", "Number of server processes."),
    Setting(
        "JOURNEY_SESSION_TIMEOUT",
        "session_timeout",
        duration("seconds", 1, 86_400),
        "1200",
        "Seconds without an event after which a session has ended.",
    ),
    Setting(
        "JOURNEY_WRITE_KEY",
        "write_key",
        matching(r"[A-Za-z0-9_-]{1,100}", "1 to 100 letters, digits, hyphens and underscores"),
        None,
        "Write key made when the database is empty. Absent: generated and printed.",
    ),
    Setting(
        "JOURNEY_ADMIN_TOKEN",
        "admin_token",
        matching(r"[A-Za-z0-9._~+/=-]{1,512}", "1 to 512 letters, digits and . _ ~ + / = -"),
        None,
        "Admin token made when the database is empty. Absent: generated and printed.",
        secret=True,
    ),
    Setting("JOURNEY_LOG_LEVEL", "log_level", one_of(*LOG_LEVELS), "info", f"One of {', '.join(LOG_LEVELS)}."),
    Setting(
        "JOURNEY_CONTACT_EXPIRY_DAYS",
        "contact_expiry",
        duration("days", 1, 3_650),
        "60",
        "Days without an interaction after which a contact that nobody keeps by hand is deleted, with its visits.",
    ),
    Setting(
        "JOURNEY_REGION",
        "region",
        matching("[A-Z]{2}", "two capital letters of ISO 3166-1, such as US or CH"),
        DEFAULT_REGION,
        "Where telephone numbers without a country code are dialled.",
    ),
    Setting(
        "JOURNEY_LINK_POLICIES",
        "link_policies",
        link_policies,
        "Email=ALWAYS",
        "Which claims link a visitor to the contact that holds the same identifier, by type, such as"
        " Email=ALWAYS,Phone=VERIFIED. ALWAYS, also for types that are not named: unverified claims link too. VERIFIED:"
        " signed ones. NEVER: people decide.",
    ),
    Setting(
        "JOURNEY_AUDIT_DAYS",
        "audit_kept_for",
        duration("days", 1, 3_650),
        "400",
        "Days for which the audit log tells who looked at, changed, exported or erased a contact.",
    ),
    Setting(
        "JOURNEY_IP_ADDRESSES",
        "ip_addresses",
        one_of(*IP_ADDRESSES),
        "truncated",
        f"How much of a visitor's IP address is stored, one of {', '.join(IP_ADDRESSES)}. Truncated: the last octet of"
        " IPv4 is zeroed, IPv6 is cut to /48.",
    ),
    Setting(
        "JOURNEY_HONOUR_GPC",
        "honour_gpc",
        yes_or_no,
        "true",
        "Whether nothing is stored of a browser that sends Sec-GPC: 1 without its visitor's opt-in: true or false.",
    ),
    Setting(
        "JOURNEY_OIDC_ISSUER",
        "oidc_issuer",
        issuer,
        None,
        "OpenID Connect issuer whose tokens open /graphql too, as its tokens and its discovery document write it."
        " Absent: none.",
    ),
    Setting(
        "JOURNEY_OIDC_AUDIENCE",
        "oidc_audience",
        matching(r"\S{1,500}", "one word of at most 500 characters"),
        None,
        "What the issuer's tokens must name as their audience. Needed beside JOURNEY_OIDC_ISSUER.",
    ),
    Setting(
        "JOURNEY_OIDC_ROLE_CLAIM",
        "oidc_role_claim",
        matching(r"\S{1,500}", _CLAIM),
        "roles",
        "Claim that tells the roles; dots lead into objects, such as realm_access.roles.",
    ),
    Setting(
        "JOURNEY_OIDC_ROLES",
        "oidc_roles",
        oidc_roles,
        None,
        "What values of that claim stand for, such as support=agent,ops=admin: delivered roles and your own, which must"
        " be there when the server starts. Absent: the names of the roles themselves.",
    ),
    Setting(
        "JOURNEY_OIDC_DIVISION_CLAIM",
        "oidc_division_claim",
        matching(r"\S{1,500}", _CLAIM),
        "divisions",
        "Claim that tells the keys of the divisions; * stands for all. Without the claim: the home division, for"
        " admins all.",
    ),
    Setting(
        "JOURNEY_OIDC_NAME_CLAIM",
        "oidc_name_claim",
        matching(r"\S{1,500}", _CLAIM),
        "email",
        "Claim by which the audit log names people; sub where it is absent.",
    ),
    Setting(
        "JOURNEY_GRAPHQL_GET",
        "graphql_get",
        yes_or_no,
        "false",
        "Whether queries may be asked by GET too, as an address: true or false.",
    ),
    Setting(
        "JOURNEY_GRAPHIQL",
        "graphiql",
        yes_or_no,
        None,
        "Whether GraphiQL is served at /graphiql, to who has a token that may use it: true or false. Absent: only with"
        " the demonstration.",
    ),
    Setting(
        "JOURNEY_ALLOWED_ORIGINS",
        "allowed_origins",
        origins,
        "",
        "Origins whose pages may ask /graphql, such as https://desk.example,https://crm.example; * for all. Empty: only"
        " pages of the server itself.",
    ),
    Setting(
        "JOURNEY_TRUSTED_DOCUMENTS",
        "trusted_documents",
        file,
        None,
        "Manifest that `journey-gateway documents build` made: /graphql executes its documents and no others.",
    ),
    Setting(
        "JOURNEY_MAX_DEPTH",
        "max_depth",
        whole_number(0, 1_000),
        "15",
        "How deep a GraphQL operation may select fields within fields; 0 is no limit, here and in the next ones.",
    ),
    Setting(
        "JOURNEY_MAX_ALIASES",
        "max_aliases",
        whole_number(0, 1_000_000),
        "50",
        "How many fields of an operation may have another name, counted wherever a fragment is spread.",
    ),
    Setting(
        "JOURNEY_MAX_TOKENS",
        "max_tokens",
        whole_number(0, 1_000_000),
        "4000",
        "How many names, numbers, texts and signs a document may have; with it grow the characters, 20 for each.",
    ),
    Setting(
        "JOURNEY_MAX_COST",
        "max_cost",
        whole_number(0, 1_000_000_000),
        "50000",
        "What an operation may cost at most, told before it is executed from @cost and @listSize in the schema.",
    ),
    Setting(
        "JOURNEY_COST_BUDGET",
        "cost_budget",
        whole_number(0, 1_000_000_000_000),
        "1000000",
        "What the operations of a token may cost within a minute, in each server process.",
    ),
    Setting(
        "JOURNEY_REQUESTS_PER_MINUTE",
        "requests_per_minute",
        whole_number(0, 1_000_000_000),
        "6000",
        "Operations of a token within a minute, in each server process.",
    ),
    Setting(
        "JOURNEY_ADDRESS_REQUESTS_PER_MINUTE",
        "address_requests_per_minute",
        whole_number(0, 1_000_000_000),
        "60000",
        "Requests and sockets of an IP address to /graphql within a minute, in each server process; one with a wrong"
        " token counts 100.",
    ),
    Setting(
        "JOURNEY_QUERY_SECONDS",
        "query_seconds",
        whole_number(0, 3_600),
        "10",
        "Seconds that a query or a mutation may take; then it is ended, in MongoDB too.",
    ),
    Setting(
        "JOURNEY_CONTACT_DIVISIONS",
        "contact_divisions",
        yes_or_no,
        "false",
        "Whether a contact is seen through its divisions alone, and contacts of different divisions are never joined:"
        " true or false. Journeys are always seen by division.",
    ),
    Setting(
        "JOURNEY_TRAIN_EVERY_HOURS",
        "train_every",
        duration("hours", 0, 8_760),
        "24",
        "Hours after which the models of outcomes are trained again, by themselves; earlier when much that is new has"
        " come in. 0: only by `journey-gateway train`.",
    ),
    Setting(
        "JOURNEY_DRIFT_BOUND",
        "drift_bound",
        share,
        "0.05",
        "How far what a model tells may be from what comes, on average over recent sessions and beyond chance, before"
        " there is an alarm and it is trained again.",
    ),
    Setting(
        "JOURNEY_DEMO_DIR",
        "demo_dir",
        Path,
        None,
        "Directory with shop/ and agent-widget/: serve them at /demo/ and /live/ and fill the admin token into the"
        " pages. Only on one's own machine.",
    ),
)
"""Every setting, in the order of the documentation."""

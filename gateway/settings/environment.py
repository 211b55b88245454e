"""From the environment to the settings: read once, and all that is wrong with them told at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from gateway.journey.identity_resolution import LinkPolicies
from gateway.settings.setting import Setting
from gateway.settings.table import SETTINGS

PREFIX = "JOURNEY_"


class SettingsError(ValueError):
    """One or more JOURNEY_* variables cannot be used; each line names one, its value, and what is allowed."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        #: One sentence per variable, in the order of the table.
        self.problems = problems
        super().__init__("\n".join(problems))


@dataclass(frozen=True, slots=True)
class Settings:
    """What an operator decides. Values that may hold a secret are left out of the repr."""

    mongodb_url: str | None = field(repr=False)
    database: str
    data_dir: Path
    host: str
    port: int
    workers: int
    session_timeout: timedelta
    write_key: str | None
    admin_token: str | None = field(repr=False)
    log_level: str
    contact_expiry: timedelta
    region: str
    link_policies: LinkPolicies
    audit_kept_for: timedelta
    ip_addresses: str
    honour_gpc: bool
    oidc_issuer: str | None
    oidc_audience: str | None
    oidc_role_claim: str
    oidc_roles: tuple[tuple[str, str], ...] | None
    oidc_division_claim: str
    oidc_name_claim: str
    graphql_get: bool
    graphiql: bool | None
    allowed_origins: tuple[str, ...]
    trusted_documents: Path | None
    max_depth: int
    max_aliases: int
    max_tokens: int
    max_cost: int
    cost_budget: int
    requests_per_minute: int
    address_requests_per_minute: int
    query_seconds: int
    contact_divisions: bool
    train_every: timedelta
    drift_bound: float
    demo_dir: Path | None

    @classmethod
    def read(cls, environ: Mapping[str, str]) -> Settings:
        """Return the settings of this environment; a variable that is absent or empty has its default.

        Raises:
            SettingsError: Variables that are unknown or have a value that is not allowed, all of them at once.
        """
        values: dict[str, Any] = {}  # each converter gives the type of its own field
        problems: list[str] = []
        for setting in SETTINGS:
            try:
                values[setting.field] = setting.read(environ)
            except ValueError as error:
                problems.append(_describe(setting, environ[setting.variable], error))
        problems += _unknown_variables(environ)
        problems += _lacking(values)
        if problems:
            raise SettingsError(tuple(problems))
        return cls(**values)

    @property
    def serves_graphiql(self) -> bool:
        """Whether GraphiQL is served: as said, else with the demonstration."""
        return self.demo_dir is not None if self.graphiql is None else self.graphiql


def _describe(setting: Setting, text: str, error: ValueError) -> str:
    value = "the value (not shown, it may hold a secret)" if setting.secret else repr(text)
    return f"{setting.variable}: {value} is not allowed; it must be {error}."


def _unknown_variables(environ: Mapping[str, str]) -> Iterator[str]:
    known = [setting.variable for setting in SETTINGS]
    names = [variable.removeprefix(PREFIX) for variable in known]  # the prefix alone would make any two alike
    for variable in sorted(environ):
        if variable.startswith(PREFIX) and variable not in known:
            nearest = get_close_matches(variable.removeprefix(PREFIX), names, n=1)
            advice = f"did you mean {PREFIX}{nearest[0]}?" if nearest else f"known are {', '.join(known)}."
            yield f"{variable} is not a setting; {advice}"


def _lacking(values: Mapping[str, object]) -> Iterator[str]:
    if values.get("oidc_issuer") and "oidc_audience" in values and not values["oidc_audience"]:
        yield (
            "JOURNEY_OIDC_AUDIENCE is needed beside JOURNEY_OIDC_ISSUER: without it, tokens that the issuer made for"
            " other applications would be good here too."
        )

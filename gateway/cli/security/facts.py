"""What the security checks look at: plain values, gathered once."""

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from gateway.access.permissions import RolesByName
from gateway.settings import Settings, is_loopback
from gateway.storage.database import Row
from gateway.storage.mongodb_address import MongoDBAddress


@dataclass(frozen=True, slots=True)
class Served:
    """What the running server gives to whoever asks without a token."""

    over_tls: bool  #: the answers say that it knows of its TLS proxy
    demo: bool
    graphiql: bool
    token_in_page: bool
    metrics: bool


@dataclass(frozen=True, slots=True)
class Facts:
    """All that the checks look at."""

    settings: Settings
    variables: frozenset[str]  #: names of the JOURNEY_* variables of this environment
    url: str  #: where the server is asked
    served: Served | None  #: None when no server answers there
    mongodb: MongoDBAddress
    mongodb_version: tuple[int, ...]
    tokens: tuple[Row, ...]
    write_keys: tuple[Row, ...]
    roles: RolesByName
    data_dir_mode: int | None  #: permission bits; None: there is none
    token_file_mode: int | None
    is_root: bool
    now: datetime

    @property
    def is_exposed(self) -> bool:
        """Tell whether other machines can reach the server, as far as we know."""
        return not (is_loopback(self.settings.host) and is_loopback(urlsplit(self.url).hostname))

    @property
    def is_mongodb_elsewhere(self) -> bool:
        """Tell whether MongoDB is on another machine, or can be reached from there."""
        return not all(host.startswith("/") or is_loopback(host) for host in self.mongodb.hosts)

    def tokens_in_force(self) -> tuple[Row, ...]:
        """Return the tokens that open something now."""
        return tuple(row for row in self.tokens if not _is_over(row, "revokedDate", "expiresDate", self.now))

    def write_keys_in_force(self) -> tuple[Row, ...]:
        """Return the write keys that collect now."""
        return tuple(row for row in self.write_keys if row.get("revokedDate") is None)


def _is_over(row: Row, revoked: str, expires: str, now: datetime) -> bool:
    return row.get(revoked) is not None or (row.get(expires) is not None and row[expires] <= now)

"""What a MongoDB URL says about who may listen in: hosts, credentials, encryption. Nothing is asked of the network."""

import re
from dataclasses import dataclass
from typing import Self
from urllib.parse import parse_qsl, unquote

WITHOUT_PASSWORD = frozenset({"MONGODB-X509", "MONGODB-AWS", "MONGODB-OIDC", "GSSAPI"})
"""Ways to say who one is that need no user in the URL.

https://www.mongodb.com/docs/manual/reference/connection-string-options/#mongodb-urioption-urioption.authMechanism
"""


@dataclass(frozen=True, slots=True)
class MongoDBAddress:
    """Where a MongoDB is, and how it is talked to."""

    hosts: tuple[str, ...]  #: without ports; of a Unix socket its path
    authenticates: bool
    encrypts: bool

    @classmethod
    def read(cls, url: str) -> Self:
        """Return what this URL says; of one that cannot be understood nothing but that."""
        match = re.fullmatch(r"mongodb(\+srv)?://(?:(.*)@)?([^/?]*)(?:/[^?]*)?(?:\?(.*))?", url, re.DOTALL)
        if match is None:
            return cls((), authenticates=False, encrypts=False)
        srv, credentials, hosts, query = match.groups()
        options = {name.lower(): value for name, value in parse_qsl(query or "")}
        encryption = options.get("tls", options.get("ssl", "true" if srv else "false"))
        return cls(
            tuple(_without_port(host) for host in hosts.split(",")),
            authenticates=bool(credentials) or options.get("authmechanism", "").upper() in WITHOUT_PASSWORD,
            encrypts=encryption.lower() == "true",
        )


def _without_port(host: str) -> str:
    if host.endswith(".sock"):
        return unquote(host)
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.rpartition(":")[0] or host

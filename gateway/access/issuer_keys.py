"""The public keys of an OpenID Connect issuer: fetched when needed, kept, and fetched anew when they rotate.

Sources: OpenID Connect Discovery 1.0 section 4, RFC 7517 (JSON Web Key), RFC 8725 (best practices for JSON Web Tokens).
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from time import monotonic
from typing import TypeGuard
from urllib.parse import urlsplit

import httpx
import orjson
import structlog

from gateway.access.errors import BadAnswerOfIssuer, IssuerUnreachable
from gateway.access.public_key import PublicKey, public_keys
from gateway.settings import is_loopback
from gateway.storage.cancellation import ended

FETCH_SECONDS = 5.0
"""Both documents of the issuer are there within this time, or the attempt has failed."""
RETRY_SECONDS = 10.0
"""The issuer is asked at most once in this time, whatever tokens say."""
FRESH_SECONDS = 600.0
"""Keys older than this are fetched anew while they go on being used: one that the issuer withdrew ends by then."""
KEPT_SECONDS = 86_400.0
"""For so long keys are used of an issuer that does not answer."""
MAX_BYTES = 512 * 1024

log = structlog.get_logger(__name__)


class IssuerKeys:
    """The keys of one issuer. `clock` gives seconds that only grow."""

    def __init__(self, issuer: str, client: httpx.AsyncClient, clock: Callable[[], float] = monotonic) -> None:
        self._issuer = issuer
        self._client = client
        self._clock = clock
        self._keys: tuple[PublicKey, ...] = ()
        self._fetched_at = self._tried_at = float("-inf")
        self._fetching: asyncio.Task[None] | None = None

    async def key(self, key_id: str | None, algorithm: str) -> PublicKey | None:
        """Return the key that signs with this algorithm under this id, or None when the issuer has none.

        A token without the id of a key is taken when the issuer has only one key of that algorithm.

        Raises:
            IssuerUnreachable: none of its keys is known, as it does not answer.
        """
        if self.in_force() is None:
            self._keys = ()
            await self._fetched()
            if self.in_force() is None:
                raise IssuerUnreachable(self._issuer)
        found = self._find(key_id, algorithm)
        if found is None:
            await self._fetched()
            found = self._find(key_id, algorithm)
        return found

    def in_force(self) -> tuple[PublicKey, ...] | None:
        """Return the keys that are known, or None when they are too old; when it is time, they are fetched anew.

        Another tuple than before means that they have been fetched since.
        """
        age = self._clock() - self._fetched_at
        if age > KEPT_SECONDS:
            return None
        if age > FRESH_SECONDS:
            self._start_fetching()
        return self._keys

    async def close(self) -> None:
        """End a fetch that is under way."""
        if self._fetching is not None:
            await ended(self._fetching)

    def _find(self, key_id: str | None, algorithm: str) -> PublicKey | None:
        suitable = [key for key in self._keys if key.algorithm == algorithm and key_id in (None, key.id)]
        return suitable[0] if len(suitable) == 1 else None

    async def _fetched(self) -> None:
        """Wait until the keys are fetched anew, by one fetch for all who wait; at once when that is not due."""
        self._start_fetching()
        if self._fetching is not None:
            await asyncio.wait((self._fetching,))

    def _start_fetching(self) -> None:
        if self._fetching is None and self._clock() - self._tried_at >= RETRY_SECONDS:
            self._tried_at = self._clock()
            self._fetching = asyncio.create_task(self._fetch(), name="keys of the OIDC issuer")

    async def _fetch(self) -> None:
        try:
            async with asyncio.timeout(FETCH_SECONDS):
                keys = public_keys(await self._document(await self._keys_url()))
        except (httpx.HTTPError, httpx.InvalidURL, TimeoutError, BadAnswerOfIssuer) as error:
            reason = str(error) or type(error).__name__
            log.warning("no keys from the OIDC issuer", issuer=self._issuer, reason=reason, kept=len(self._keys))
        except Exception:  # those who wait go on with the keys that are known
            log.exception("no keys from the OIDC issuer", issuer=self._issuer)
        else:
            self._keys, self._fetched_at = keys, self._clock()
            log.info("keys of the OIDC issuer", issuer=self._issuer, keys=[key.id for key in keys])
        finally:
            self._fetching = None

    async def _keys_url(self) -> str:
        told = await self._document(f"{self._issuer.rstrip('/')}/.well-known/openid-configuration")
        if told.get("issuer") != self._issuer:
            raise BadAnswerOfIssuer(
                f"it calls itself {told.get('issuer')!r}, and JOURNEY_OIDC_ISSUER is {self._issuer!r}: write it alike"
            )
        url = told.get("jwks_uri")
        if not self._is_safe(url):
            raise BadAnswerOfIssuer(f"jwks_uri {url!r} is no https:// URL")
        return url

    def _is_safe(self, url: object) -> TypeGuard[str]:
        """Tell whether keys may come from there: encrypted, or of an issuer on this machine."""
        if not isinstance(url, str):
            return False
        try:
            parts, own = urlsplit(url), urlsplit(self._issuer)
            hosts = parts.hostname, own.hostname
        except ValueError:
            return False
        return parts.scheme == "https" or (parts.scheme == own.scheme == "http" and all(map(is_loopback, hosts)))

    async def _document(self, url: str) -> Mapping[str, object]:
        async with self._client.stream("GET", url, headers={"Accept": "application/json"}) as response:
            if response.status_code != httpx.codes.OK:
                raise BadAnswerOfIssuer(f"{url} answers with {response.status_code}")
            body = b""
            async for part in response.aiter_bytes():
                body += part
                if len(body) > MAX_BYTES:
                    raise BadAnswerOfIssuer(f"{url} answers with more than {MAX_BYTES} bytes")
        try:
            document = orjson.loads(body)
        except orjson.JSONDecodeError:
            raise BadAnswerOfIssuer(f"{url} answers with no JSON") from None
        if not isinstance(document, dict):
            raise BadAnswerOfIssuer(f"{url} answers with no JSON object")
        return document


@asynccontextmanager
async def keys_of(issuer: str) -> AsyncIterator[IssuerKeys]:
    """Yield the keys of an issuer, which is asked by a client of their own until the end of the block."""
    # No proxy of the environment stands between us and the loopback interface.
    outside = not is_loopback(urlsplit(issuer).hostname)
    async with httpx.AsyncClient(timeout=FETCH_SECONDS, follow_redirects=False, trust_env=outside) as client:
        keys = IssuerKeys(issuer, client)
        try:
            yield keys
        finally:
            await keys.close()

"""The queries of who may ask and who may collect: tokens and write keys of the divisions that one sees, and roles."""

import strawberry

from gateway.access.permissions import Permission
from gateway.access.roles import role_rows_told
from gateway.graph import lists
from gateway.graph.connection import Connection
from gateway.graph.cost_directives import PAGED, size
from gateway.graph.requires import requires
from gateway.graph.types.role import Role
from gateway.graph.types.token import Token
from gateway.graph.types.write_key import WriteKey
from gateway.graph.windows import Listed, window_of
from gateway.graph.words import After, Before, First, Info, Last
from gateway.storage.pages import Listing, page_of
from gateway.storage.tokens import tokens_within
from gateway.storage.write_keys import write_keys_within


@strawberry.type
class KeyQueries:
    """Queries of tokens, write keys and roles."""

    @strawberry.field(
        description="Tokens, the newest first; those that have expired or are revoked as well. Who sees only some "
        "divisions, sees the tokens that see no others.",
        directives=[requires(Permission.TOKEN_VIEW), PAGED],
    )
    async def tokens(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> Connection[Token]:
        """Return a page of tokens."""
        listing = Listing("tokens", lists.TOKENS.order, filter=tokens_within(info.context.sight.divisions))
        page = await page_of(info.context.database, listing, window_of(first, after, last, before))
        return Listed(page, listing.order)  # type: ignore[return-value]  # a value of this schema is a mapping

    @strawberry.field(
        description="Write keys, the newest first; those that are revoked as well.",
        directives=[requires(Permission.WRITE_KEY_VIEW), PAGED],
    )
    async def write_keys(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> Connection[WriteKey]:
        """Return a page of write keys."""
        listing = Listing("writeKeys", lists.WRITE_KEYS.order, filter=write_keys_within(info.context.sight.divisions))
        page = await page_of(info.context.database, listing, window_of(first, after, last, before))
        return Listed(page, listing.order)  # type: ignore[return-value]  # as above

    @strawberry.field(
        description="Roles: those that are delivered first, then those of your own by name.",
        directives=[requires(Permission.ROLE_VIEW), size(20)],
    )
    async def roles(self, info: Info) -> list[Role]:
        """Return every role."""
        return await role_rows_told(info.context.database)  # type: ignore[return-value]  # as above

"""Pages of lists, as somebody sees them."""

from dataclasses import replace
from typing import Annotated

import strawberry

from gateway.graph.windows import Listed
from gateway.graph.words import Info
from gateway.storage.identity.seen import as_seen
from gateway.storage.pages import Listing, Window, page_of

Id = Annotated[strawberry.ID, strawberry.argument(description="The id, as this API gave it out.")]


async def listed(info: Info, listing: Listing, window: Window) -> Listed:
    """Return a page of a list, without what is hidden from who asks."""
    page = await page_of(info.context.database, info.context.seen(listing), window)
    if listing.collection == "contacts" and info.context.sight.hides_contacts:
        page = replace(page, rows=await as_seen(info.context.database, page.rows, info.context.sight))
    return Listed(page, listing.order)

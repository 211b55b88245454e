"""Rejected events: applied again, once what was wrong is mended."""

from typing import Annotated

import strawberry

from gateway.access.permissions import Permission
from gateway.graph.errors import BadInput
from gateway.graph.node import stored_id_of
from gateway.graph.requires import PUBLIC, requires
from gateway.graph.types.journey import Event
from gateway.graph.types.rejected_event import RejectedEvent
from gateway.graph.words import Info, stored
from gateway.storage.rows import rows_by_id

MAX_REPLAYED = 200


@strawberry.input(description="Rejected events to apply again.")
class ReplayRejectedEventsInput:
    """Input of `replayRejectedEvents`."""

    ids: list[strawberry.ID] = strawberry.field(description="The rejected events, at most 200.")


@strawberry.type(description="What became of the events.", directives=[PUBLIC])
class ReplayRejectedEventsPayload:
    """Payload of `replayRejectedEvents`."""

    events: list[Event] = stored("events", "Those that are applied now.", size=MAX_REPLAYED)
    rejected_events: list[RejectedEvent] = stored(
        "rejectedEvents", "Those that are still rejected, with the reason.", size=MAX_REPLAYED
    )


ReplayRejectedEvents = Annotated[
    ReplayRejectedEventsInput, strawberry.argument(description="The events that are to be applied again.")
]


@strawberry.type(description="What can be changed of rejected events.")
class RejectedEventMutations:
    """Mutations of rejected events."""

    @strawberry.mutation(
        description="Apply rejected events again, once what was wrong is mended.",
        directives=[requires(Permission.REJECTED_EVENT_REPLAY)],
    )
    async def replay_rejected_events(self, info: Info, input: ReplayRejectedEvents) -> ReplayRejectedEventsPayload:  # noqa: A002
        """Replay the events, and return what became of each."""
        if not 1 <= len(input.ids) <= MAX_REPLAYED:
            raise BadInput(f"`ids` has {len(input.ids)} entries, but must have 1 to {MAX_REPLAYED}.", field="ids")
        ids = [stored_id_of("RejectedEvent", id_, "ids") for id_ in input.ids]
        database, sight = info.context.database, info.context.sight
        if not sight.is_everything:
            ids = list(await rows_by_id(database, "rejectedEvents", ids, sight))
        applied = await info.context.replay(ids)
        events = await rows_by_id(database, "events", applied, sight)
        left = await rows_by_id(database, "rejectedEvents", ids, sight)
        return {"events": list(events.values()), "rejectedEvents": list(left.values())}  # type: ignore[return-value]  # a value of this schema is a mapping

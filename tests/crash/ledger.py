"""What the clients were promised: which events were acknowledged, when, and every answer that broke a promise."""

import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import msgspec

from tests.crash.traffic import Call
from tests.crash.wire import OK, SERVICE_UNAVAILABLE, SILENCE, HTTPAnswer, NoAnswer

MOST_PROBLEMS = 20


@dataclass
class Ledger:
    """Every call that was sent, every receipt that came back.

    An acknowledged event is one that a receipt of a 2xx answer calls accepted or duplicate.
    """

    sent: dict[str, Call] = field(default_factory=dict)
    attempts: Counter[str] = field(default_factory=Counter)
    acknowledged: set[str] = field(default_factory=set)
    statuses: Counter[str] = field(default_factory=Counter)
    duplicate_receipts: int = 0
    acknowledgement_times: list[float] = field(default_factory=list)
    slowest_answer_seconds: float = 0.0
    slowest_refusal_seconds: float = 0.0
    longest_wait_seconds: float = 0.0  #: from the first sending of a request to the answer that acknowledged it
    problems: list[str] = field(default_factory=list)
    _accepted: set[str] = field(default_factory=set)

    def note_sending(self, calls: Sequence[Call]) -> frozenset[str]:
        """Note that these calls go out now, and return those that were acknowledged before."""
        for call in calls:
            self.sent[message_id(call)] = call
            self.attempts[message_id(call)] += 1
        return frozenset(self.acknowledged.intersection(map(message_id, calls)))

    def note_answer(self, calls: Sequence[Call], acknowledged: frozenset[str], answer: HTTPAnswer) -> bool:
        """Note an answer, and tell whether it acknowledged; `acknowledged` is what `note_sending` returned."""
        self.statuses[str(answer.status)] += 1
        self.slowest_answer_seconds = max(self.slowest_answer_seconds, answer.seconds)
        if answer.status != OK:
            self.slowest_refusal_seconds = max(self.slowest_refusal_seconds, answer.seconds)
            self._check_refusal(answer)
            return False
        self._note_receipts(calls, acknowledged, msgspec.json.decode(answer.body)["receipts"])
        self.acknowledgement_times.append(time.monotonic())
        return True

    def note_no_answer(self, error: NoAnswer) -> None:
        """Note that no answer came; servers that are killed cut connections, but none is silent."""
        self.statuses[str(error)] += 1
        if str(error) == SILENCE:
            self._problem("no answer in time")

    def seconds_to_resume(self, since: float) -> float:
        """Return how long after this moment the longest pause between acknowledgements was over."""
        times = [since, *(moment for moment in self.acknowledgement_times if moment > since)]
        pauses = [(later - earlier, later) for earlier, later in pairwise(times)]
        return max(pauses)[1] - since

    def _check_refusal(self, answer: HTTPAnswer) -> None:
        if answer.status != SERVICE_UNAVAILABLE:
            self._problem(f"answered {answer.status}: {answer.body[:200]!r}")
        elif not answer.headers.get("retry-after", "").isdecimal():
            self._problem("503 without Retry-After")

    def _note_receipts(
        self, calls: Sequence[Call], acknowledged: frozenset[str], receipts: Sequence[Mapping[str, str]]
    ) -> None:
        ids = [message_id(call) for call in calls]
        if [receipt["messageId"] for receipt in receipts] != ids:
            self._problem(f"receipts for other events than those sent: {receipts}")
        for id_, status in ((receipt["messageId"], receipt["status"]) for receipt in receipts):
            if status == "accepted" and id_ in self._accepted:
                self._problem(f"{id_} was accepted twice")
            if status == "accepted" and id_ in acknowledged:
                self._problem(f"{id_} was accepted although it had been acknowledged: it was lost in between")
            if status == "duplicate" and self.attempts[id_] == 1:
                self._problem(f"{id_} was called a duplicate although it was sent once")
            if status not in {"accepted", "duplicate"}:
                self._problem(f"{id_} was {status}")
                continue
            self.duplicate_receipts += status == "duplicate"
            self._accepted |= {id_} if status == "accepted" else set()
            self.acknowledged.add(id_)

    def _problem(self, what: str) -> None:
        if len(self.problems) < MOST_PROBLEMS:
            self.problems.append(what)


def message_id(call: Call) -> str:
    """Return the id that makes the call recognisable."""
    return str(call["messageId"])

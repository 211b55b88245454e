"""The promise that every test of this folder checks: what was acknowledged is there, once, with all that follows."""

from collections.abc import Callable

from tests.crash.ledger import Ledger
from tests.crash.recount import read_stored, recount

FIGURES = "crash figures"
LONGEST_WAIT_SECONDS = 30.0
"""For so long an event may wait over a crash, from its first sending to its acknowledgement; on a slow machine."""
RecordProperty = Callable[[str, object], None]
"""Pytest's fixture `record_property`."""


async def check_promise(
    mongodb_url: str, ledger: Ledger, record: RecordProperty, figures: str = "", outage: float = 0.0
) -> None:
    """Fail unless 0 acknowledged events are lost, 0 duplicated, and all that is derived equals a recount.

    `outage` is how long, in seconds, MongoDB was away on purpose; clients had to wait for that, too.
    """
    found = recount(await read_stored(mongodb_url), ledger)
    answers = ", ".join(f"{times} x {status}" for status, times in sorted(ledger.statuses.items()))
    text = (
        f"{found.acknowledged} events acknowledged, {found.lost} lost, {found.duplicated} duplicated, "
        f"{ledger.duplicate_receipts} duplicate receipts; {answers}; "
        f"slowest answer {ledger.slowest_answer_seconds:.1f} s, refusal {ledger.slowest_refusal_seconds:.1f} s, "
        f"longest wait {ledger.longest_wait_seconds:.1f} s{figures}"
    )
    record(FIGURES, text)
    assert not found.differences, "\n".join(found.differences)
    assert not ledger.problems, "\n".join(ledger.problems)
    assert found.acknowledged == len(ledger.sent), "every client ends with its last request acknowledged"
    assert ledger.longest_wait_seconds < outage + LONGEST_WAIT_SECONDS
    assert ledger.duplicate_receipts, "some events were sent again on purpose"

"""Reports made by hand, for tests of how they are told."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from gateway.journey.outcome import Outcome
from gateway.prediction.base_rate import BaseRate
from gateway.prediction.card import Card, MeasuredDrift
from gateway.prediction.quality import CalibrationBin, Quality, RocPoint
from gateway.prediction.report import ModelReport, SampleVisit, ToldStep

BEGIN = datetime(2026, 4, 1, 9, 30, tzinfo=UTC)
QUALITY = Quality(
    auc=0.76,
    log_loss=0.4517,
    brier=0.1446,
    calibration_error=0.0105,
    calibration=(CalibrationBin(0.1, 0.08, 50.5), CalibrationBin(0.6, 0.66, 49.5)),
    roc=(RocPoint(0, 0), RocPoint(0.2, 0.55), RocPoint(1, 1)),
    sessions=100,
    achieved=37,
)
DRIFT = MeasuredDrift(BEGIN, BEGIN, BEGIN, 400, 0.02, 0.1, is_alarming=False, status="As told: it came.")
CARD = Card(
    id="m-1",
    kind="LEARNED",
    trained=BEGIN,
    sessions=1_000,
    achieved=370,
    status="Serves: its log-loss is 0.4517, that of shares by page views 0.5328.",
    is_rejected=False,
    since=BEGIN - timedelta(days=30),
    until=BEGIN - timedelta(days=1),
    quality=QUALITY,
    importance=tuple((f"count /page-{number}", 0.05) for number in range(20)),
    page_groups=("/cart", "/p/*"),
    trees=94,
    drift=DRIFT,
)
SHARES = BaseRate("m-1", "o-1", (100, 60, 20, 0), (10, 9, 5, 0))
SHARES_CARD = replace(
    CARD, kind="BASE_RATE", quality=None, importance=(), page_groups=(), trees=None, drift=None, status="Shares serve."
)


def visit(short_id: str, *, reached: bool, event_name: str = "page_viewed", page: str = "/cart") -> SampleVisit:
    """Return a visit of four steps, the last of which reaches the outcome if it is reached."""
    steps = [
        ToldStep(number, timedelta(seconds=20 * number), event_name, page, 0.2 * number, achieves=False)
        for number in range(1, 4)
    ]
    last = ToldStep(4, timedelta(seconds=90), "order_completed", None, None if reached else 0.1, achieves=reached)
    return SampleVisit(short_id, BEGIN, reached, 4, (*steps, last))


REPORT = ModelReport(
    outcome=Outcome("o-1", "Order", "order_completed"),
    description="An order is placed.",
    made=BEGIN,
    serving=CARD,
    status=CARD.status,
    is_broken=False,
    shares=SHARES,
    versions=(
        replace(CARD, id="m-2", is_rejected=True, status="Does not serve: it is worse."),
        CARD,
        replace(CARD, id="m-0"),
    ),
    visits=(visit("123456", reached=True), visit("654321", reached=False)),
)
SHARED = replace(REPORT, serving=SHARES_CARD, status=SHARES_CARD.status, versions=(SHARES_CARD,))
NEW = replace(REPORT, serving=None, status=None, shares=None, versions=(), visits=())
EVIL = "<script>alert(1)</script><img src=x onerror=\"alert('2')\">&lt;\u202e\x1b[31m\x07"
"""What a name may be: markup, an entity, a change of direction, and commands to a terminal."""
HOSTILE = replace(
    REPORT,
    outcome=Outcome("o-1", EVIL, EVIL),
    description=EVIL,
    status=EVIL,
    serving=replace(CARD, importance=((EVIL, 1.0), (f"count {EVIL}", 0.5)), page_groups=(EVIL,), status=EVIL),
    versions=(replace(CARD, status=EVIL),),
    visits=(visit(EVIL, reached=True, event_name=EVIL, page=EVIL),),
)

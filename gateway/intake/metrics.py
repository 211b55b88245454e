"""What intake counts, for Prometheus."""

from prometheus_client import Counter, Histogram

EVENTS = Counter("journey_events_total", "Events by what became of them.", ["status"])
BATCH_EVENTS = Histogram(
    "journey_batch_events", "Events in one committed batch.", buckets=(1, 2, 5, 10, 20, 50, 100, 200, 500)
)
COMMIT_SECONDS = Histogram(
    "journey_commit_seconds",
    "Seconds from taking a batch to its commit.",
    buckets=(0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10),
)
REFUSED_REQUESTS = Counter("journey_refused_requests_total", "Requests that were asked to come back later.")
SET_ASIDE = Counter("journey_events_set_aside_total", "Events that could not be applied and were kept for later.")
VERIFICATION_FAILURES = Counter(
    "journey_verification_failures_total", "Signatures and tokens that did not verify an identity.", ["reason"]
)

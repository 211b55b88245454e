"""All security checks, and what they find."""

from gateway.cli.security.check import Check, Open, Severity
from gateway.cli.security.facts import Facts
from gateway.cli.security.of_data import DATA
from gateway.cli.security.of_keys import KEYS
from gateway.cli.security.of_the_network import NETWORK

CHECKS: tuple[Check, ...] = (*NETWORK, *KEYS, *DATA)


def findings(facts: Facts) -> list[Open]:
    """Return what is open, the worst first."""
    worst_first = sorted(examined(facts), key=lambda check: list(Severity).index(check.severity))
    return [Open(check, told) for check in worst_first for told in check.look(facts)]


def examined(facts: Facts) -> list[Check]:
    """Return the checks for which there are facts: without a running server, some have none."""
    return [check for check in CHECKS if facts.served is not None or not check.asks_server]

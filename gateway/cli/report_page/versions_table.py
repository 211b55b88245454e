"""Every version of a model, with its figures, and why it serves or does not."""

from collections.abc import Iterable, Sequence
from xml.etree.ElementTree import Element

from gateway.cli.report_page.elements import Child, element
from gateway.cli.report_page.tables import scrolling, table
from gateway.cli.report_words import ABSENT, figure, moment, number
from gateway.prediction.card import Card

_HEADS = ("Trained", "Now", "Sessions", "AUC", "Log-loss", "Brier", "Calibration error", "Why")


def versions_table(versions: Sequence[Card], serving: Card | None) -> Element:
    """Return a row for each version, newest first; `serving` is the one that serves."""
    rows = (_row(version, serving) for version in versions)
    return scrolling("Versions", table("Versions of the model", _HEADS, rows, words=(0, 1, 7)))


def state_of(version: Card, serving: Card | None) -> str:
    """Return whether a version serves, in a word or two."""
    if serving is not None and version.id == serving.id:
        return "serves"
    return "rejected" if version.is_rejected else "replaced"


def why(version: Card, serving: Card | None) -> str:
    """Return what training has said of a version, in the past tense where another one has come since."""
    if state_of(version, serving) == "replaced" and version.status.startswith("Serves"):
        return version.status.replace("Serves", "Served", 1)
    return version.status


def _row(version: Card, serving: Card | None) -> list[Child]:
    state = state_of(version, serving)
    return [
        moment(version.trained),
        element("span", state, class_="badge reached" if state == "serves" else "badge"),
        number(version.sessions),
        *_figures(version),
        element("span", why(version, serving), class_="why"),
    ]


def _figures(version: Card) -> Iterable[str]:
    quality = version.quality
    if quality is None:
        return (ABSENT,) * 4
    told = (quality.auc, quality.log_loss, quality.brier, quality.calibration_error)
    return map(figure, told)

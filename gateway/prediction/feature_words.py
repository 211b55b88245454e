"""What a model looks at, in words: the names of its columns, for those who read its card."""

from collections.abc import Mapping

from gateway.journey.features import CATEGORY, GAP, STEP

_OF_ALL: Mapping[str, str] = {
    "steps": "steps so far",
    "pages": "pages so far",
    "seconds": "time so far",
    "mean gap": "mean pause between steps",
    "longest gap": "longest pause",
    "newest gaps": "mean of the newest pauses",
    "spread of gaps": "how uneven the pauses are",
    "median gap": "median pause",
    "short gaps": "number of short pauses",
    "long gaps": "number of long pauses",
    "kinds of places": "number of different places",
    "entropy of places": "how evenly places are visited",
    "switches": "changes of place",
    "steps in a row": "newest steps at the same place",
    "hour": "hour of the day, UTC",
    "weekday": "day of the week",
    "visits": "which visit of the visitor it is",
    f"{STEP} 0": "the newest step",
    f"{STEP} 1": "the step before the newest",
    f"{GAP} 0": "the newest pause",
    f"{GAP} 1": "the pause before the newest",
}
_OF_ONE: Mapping[str, str] = {
    "count": "how often at {}",
    "steps since": "steps since {}",
    "seconds since": "time since {}",
    "seconds at": "time spent at {}",
    "lately at": "how much of late at {}",
    "first step at": "how soon at {}",
    STEP: "{} steps before the newest",
    GAP: "{} pauses before the newest",
    CATEGORY: "{}",
    "newest": "newest {}",
    "mean": "mean {}",
    "highest": "highest {}",
}


def feature_words(feature: str) -> str:
    """Return in words what a column of this name holds; the name itself where it is of no known kind."""
    if feature in _OF_ALL:
        return _OF_ALL[feature]
    kind = next((kind for kind in _OF_ONE if feature.startswith(f"{kind} ")), None)
    return _OF_ONE[kind].replace("{}", feature[len(kind) + 1 :]) if kind is not None else feature

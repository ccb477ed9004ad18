"""bandicoot's samples and expectations, and how its names translate into GraphQL."""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from graph.behaviour.arrays import STATISTICS
from tests.lab import Lab

MADE = Path(__file__).parent / "data" / "bandicoot"
HEADER = "interaction,direction,correspondent_id,datetime,call_duration,antenna_id"
SCALARS = (
    "activeDays",
    "numberOfContacts",
    "numberOfInteractions",
    "numberOfInteractionsIn",
    "numberOfInteractionsOut",
    "percentNocturnal",
    "percentInitiatedInteractions",
    "percentInitiatedConversations",
    "responseRateText",
    "entropyOfContacts",
    "percentParetoInteractions",
    "percentParetoDurations",
    "numberOfAntennas",
    "entropyOfAntennas",
    "percentAtHome",
    "radiusOfGyrationKm",
    "frequentAntennas",
    "churnRate",
)
DISTRIBUTIONS = (
    "callDurationS",
    "intereventTimeS",
    "responseDelayTextS",
    "balanceOfContacts",
    "interactionsPerContact",
)
INDICATORS = "assortativity_indicators__"
_RENAMED = {
    "call_duration": "callDurationS",
    "interevent_time": "intereventTimeS",
    "response_delay_text": "responseDelayTextS",
    "number_of_interaction_in": "numberOfInteractionsIn",
    "number_of_interaction_out": "numberOfInteractionsOut",
    "radius_of_gyration": "radiusOfGyrationKm",
    "amount_recharges": "amountRechargesMinor",
    "interevent_time_recharges": "intereventTimeRechargesS",
}
_PARTS = {
    "allweek": "ALL",
    "weekday": "WEEKDAY",
    "weekend": "WEEKEND",
    "allday": "ALL",
    "day": "DAY",
    "night": "NIGHT",
    "call": "CALL",
    "text": "TEXT",
    "callandtext": "BOTH",
}
_SPREAD = "{ mean std }"
_DISTRIBUTION = "{ " + " ".join(f"{name} {_SPREAD}" for name in STATISTICS) + " }"
QUESTION = (
    """query ($who: String!, $groupBy: BehaviourGrouping!, $partOfWeek: PartOfWeek!,
           $partOfDay: PartOfDay!, $interaction: BehaviourInteraction!) {
      subscriber(identity: $who) {
        behaviour(groupBy: $groupBy, partOfWeek: $partOfWeek, partOfDay: $partOfDay,
                  interaction: $interaction) {
          periods isCurrent timeZone
    """
    + " ".join(f"{name} {_SPREAD}" for name in SCALARS)
    + " ".join(f" {name} {_DISTRIBUTION}" for name in DISTRIBUTIONS)
    + f""" recharges {{ currency averageBalanceRechargesMinor
             numberOfRecharges {_SPREAD} percentParetoRecharges {_SPREAD}
             amountRechargesMinor {_DISTRIBUTION} intereventTimeRechargesS {_DISTRIBUTION} }} }}
      }} }}"""
)


def expected(path: Path) -> dict[str, Any]:
    """Return a file of expectations as bandicoot flattens them, without the user's name."""
    found = json.loads(path.read_text())
    if len(found) == 1 and "__" not in next(iter(found)):
        found = next(iter(found.values()))
    return dict(_flat(found))


def _flat(nested: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in nested.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{prefix}{name}__")
        else:
            yield f"{prefix}{name}", value


def lines(path: Path) -> list[str]:
    """Return the lines of a file below its header."""
    return path.read_text().splitlines()[1:]


class Asked:
    """One subscriber's behaviour, asked by GraphQL once for each slice."""

    def __init__(self, lab: Lab, who: str, group_by: str) -> None:
        self._lab, self._who, self._group_by = lab, who, group_by
        self._answers: dict[tuple[str, str, str], dict[str, Any]] = {}

    def slice(self, week: str = "ALL", day: str = "ALL", interaction: str = "BOTH") -> Any:
        """Return the answer for one slice."""
        key = week, day, interaction
        if key not in self._answers:
            answer = self._lab.ask(
                QUESTION,
                "care",
                who=self._who,
                groupBy=self._group_by,
                partOfWeek=week,
                partOfDay=day,
                interaction=interaction,
            )
            self._answers[key] = answer["subscriber"]["behaviour"]
        return self._answers[key]

    def value(self, name: str) -> float | None:
        """Return what GraphQL says for a flattened name of bandicoot's.

        Examples of names are ``call_duration__weekday__night__call__median__std``,
        ``number_of_antennas__allweek__allday`` and ``churn_rate__mean``.
        """
        indicator, *rest = name.split("__")
        parts = [_PARTS[part] for part in rest if part in _PARTS]
        statistics = [part for part in rest if part not in _PARTS]
        field = _RENAMED.get(indicator) or re.sub(
            "_([a-z])", lambda match: match[1].upper(), indicator
        )
        answer = self.slice(*parts)
        if indicator.endswith("recharges"):
            answer = answer["recharges"]
        found: Any = answer[field]
        for statistic in [*statistics, "mean"]:
            found = found[statistic] if isinstance(found, dict) else found
        is_money = indicator == "amount_recharges" and statistics[0] not in ("skewness", "kurtosis")
        if found is None:
            return None
        return float(found) / 100 if is_money else float(found)


def usual_name(name: str) -> str:
    """Return what we call an indicator that bandicoot compares between contacts.

    Examples
    --------
    >>> usual_name("assortativity_indicators__active_days__allweek__allday__callandtext__mean")
    'active_days__both__mean'
    """
    indicator, *rest = name.removeprefix(INDICATORS).split("__")
    kept = [part for part in rest if part not in ("allweek", "allday")]
    snake = re.sub("([A-Z])", lambda match: f"_{match[1].lower()}", _RENAMED.get(indicator, ""))
    named = [snake or indicator, *("both" if part == "callandtext" else part for part in kept)]
    return "__".join(named)


def write_csv(path: Path, header: str, rows: list[str]) -> Path:
    """Write a file of records and return its path."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join([header, *rows]) + "\n")
    return path

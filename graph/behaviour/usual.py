"""The usual indicators: those that bandicoot tells by default, as columns of a table.

Weeks, no splits, mean and deviation. Names are bandicoot's, with units and without the splits:
``call_duration_s__call__mean__std`` is the deviation over the weeks of the mean duration.
"""

import numpy as np
import pyarrow as pa

from graph.behaviour.arrays import Floats, Statistic
from graph.behaviour.events import Interaction, Slice
from graph.behaviour.indicators import Behaviour, Spread
from graph.behaviour.spatial import PLACES

_BOTH = ("active_days", "percent_initiated_conversations", "response_rate_text")
_EACH = (
    "number_of_contacts",
    "percent_nocturnal",
    "entropy_of_contacts",
    "percent_pareto_interactions",
    "number_of_interactions",
    "number_of_interactions_in",
    "number_of_interactions_out",
)
_CALL = ("percent_initiated_interactions", "percent_pareto_durations")
_DISTRIBUTIONS: dict[Interaction, tuple[str, ...]] = {
    "both": ("response_delay_text_s",),
    "call": (
        "balance_of_contacts",
        "interactions_per_contact",
        "interevent_time_s",
        "call_duration_s",
    ),
    "text": ("balance_of_contacts", "interactions_per_contact", "interevent_time_s"),
}
_SCALARS: dict[Interaction, tuple[str, ...]] = {
    "both": _BOTH,
    "call": _EACH + _CALL,
    "text": _EACH,
}
_STATISTICS: tuple[Statistic, ...] = ("mean", "std")


def usual(behaviour: Behaviour) -> pa.Table:
    """Return a row for each subscriber: ``subscriber_id``, then the indicators, null for None."""
    columns: dict[str, Floats] = {}

    def add(name: str, found: Spread) -> None:
        columns[f"{name}__mean"], columns[f"{name}__std"] = found.mean, found.std

    for interaction, names in _SCALARS.items():
        indicators = behaviour.of("week", Slice(interaction=interaction))
        for name in names:
            add(f"{name}__{interaction}", indicators.scalar(name))
        for name in _DISTRIBUTIONS[interaction]:
            for part in _STATISTICS:
                found = indicators.distribution(name, part)
                add(f"{name}__{interaction}__{part}", found)
    everything = behaviour.of("week")
    for name in PLACES:
        add(name, everything.scalar(name))
    add("churn_rate", behaviour.churn_rate())
    nulls = {name: pa.array(value, mask=np.isnan(value)) for name, value in columns.items()}
    return pa.table({"subscriber_id": behaviour.events.subscriber_ids, **nulls})

"""What can be a KPI: a column of a kind of record, or something computed of several, with its unit.

Each is computed in one place, here, and by every engine from the same lines.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from graph.experience.formulas import e_model_mos, stalling_load, transmission_rating
from graph.experience.maths import Maths, Operand

Columns = Mapping[str, Operand]

# Codec of a call whose speech was not rated: G.711 with packet loss concealment.
CODEC_IE, CODEC_BPL = 0, 25.1
SPEECH_BEST_MOS = 4.409286  # of the E-model at its default rating

#: The column by which samples of a kind belong to services; kinds without one have one service.
SELECTORS: Mapping[str, str] = {"sessions": "service", "touchpoints": "stage"}


@dataclass(frozen=True)
class Measure:
    """Something measured.

    Attributes
    ----------
    records : str
        Kind of record that has it.
    unit : str
        A unit of the records' columns; ``bool``: 1 or 0; ``number``: it has none.
    columns : tuple[str, ...]
        What it is computed of.
    of : callable
        Not known where what it needs is not known.
    parts : tuple[str, ...]
        Measures that it is better to have less of when it is, and that a fit may weigh one by one.
    """

    name: str
    records: str
    unit: str
    columns: tuple[str, ...]
    of: Callable[[Columns, Maths], Operand]
    parts: tuple[str, ...] = ()


def _column(records: str, name: str, unit: str) -> Measure:
    return Measure(name, records, unit, (name,), lambda columns, _: columns[name])


def _stalling_load(columns: Columns, _: Maths) -> Operand:
    return stalling_load(columns["stalled_ms"] * 0.001, columns["stalls"])


def _speech_mos(columns: Columns, maths: Maths) -> Operand:
    rating = transmission_rating(
        columns["delay_ms"], columns["loss_ratio"], CODEC_IE, CODEC_BPL, maths
    )
    return maths.first_known(columns["mos"], e_model_mos(rating, maths))


def _is_resolved(columns: Columns, maths: Maths) -> Operand:
    return maths.equals(columns["outcome"], "resolved")


_COLUMNS: Mapping[str, Mapping[str, str]] = {
    "sessions": {
        "is_set_up": "bool",
        "is_dropped": "bool",
        "setup_ms": "ms",
        "response_ms": "ms",
        "round_trip_ms": "ms",
        "jitter_ms": "ms",
        "loss_ratio": "ratio",
        "down_bps": "bps",
        "up_bps": "bps",
        "initial_delay_ms": "ms",
        "stalls": "number",
        "stalled_ms": "ms",
        "media_bps": "bps",
        "audio_bps": "bps",
        "height_px": "px",
        "frames_per_s": "number",
    },
    "calls": {
        "is_set_up": "bool",
        "is_dropped": "bool",
        "setup_ms": "ms",
        "delay_ms": "ms",
        "loss_ratio": "ratio",
        "mos": "number",
    },
    "messages": {"is_delivered": "bool", "delivery_ms": "ms"},
    "touchpoints": {"duration_s": "s"},
    "measurements": {
        "rsrp_dbm": "dBm",
        "rsrq_db": "dB",
        "sinr_db": "dB",
        "down_bps": "bps",
        "up_bps": "bps",
        "round_trip_ms": "ms",
        "loss_ratio": "ratio",
    },
}

_COMPUTED = (
    Measure(
        "stalling_load",
        "sessions",
        "number",
        ("stalled_ms", "stalls"),
        _stalling_load,
        parts=("stalled_ms", "stalls"),
    ),
    Measure("speech_mos", "calls", "number", ("mos", "delay_ms", "loss_ratio"), _speech_mos),
    Measure("is_resolved", "touchpoints", "bool", ("outcome",), _is_resolved),
)

MEASURES: Mapping[tuple[str, str], Measure] = {
    (measure.records, measure.name): measure
    for measure in (
        *(
            _column(records, name, unit)
            for records, columns in _COLUMNS.items()
            for name, unit in columns.items()
        ),
        *_COMPUTED,
    )
}
RECORDS = tuple(_COLUMNS)

"""Where: sites, cells and venues, where subscribers were seen, what the radio was like."""

import pyarrow as pa

from graph.kernels import pc
from loaders.coverage.positions import places
from loaders.records import (
    ON_EARTH,
    WHOLE_POSITION,
    Column,
    Derived,
    Kind,
    Record,
    Rule,
    ends_before_it_begins,
    number,
    position,
    subscriber,
)

TECHNOLOGIES = ("2G", "3G", "4G", "5G")
SHAPES = ("sector", "circle", "voronoi", "point")
_FARTHEST_M = 200_000


def _is_nowhere(record: Record) -> pa.Array:
    return pc.and_(pc.is_null(record["cell_id"]), pc.is_null(record["lat_deg"]))


_PLACE = Derived("h3", pa.int64(), lambda record: places(record["lat_deg"], record["lon_deg"]))
_SOMEWHERE = Rule(("cell_id", "lat_deg"), "neither cell_id nor a position is there", _is_nowhere)

KINDS = (
    Kind(
        "sites",
        "A mast, roof or room with cells.",
        (
            Column("site_id", "key", "the site", is_mandatory=True),
            Column("name", "text", "its name"),
            *position(is_mandatory=True),
        ),
        (ON_EARTH,),
    ),
    Kind(
        "cells",
        "A cell of the network, or the antenna that stands for it, while it stood there.",
        (
            Column("cell_id", "key", "the cell", is_mandatory=True),
            *position(is_mandatory=True),
            Column("valid_from", "instant", "first instant in service"),
            Column("valid_to", "instant", "first instant no longer in service"),
            Column("site_id", "key", "its site"),
            Column("technology", "text", "generation", choices=TECHNOLOGIES),
            number("azimuth_deg", "where it points, clockwise from north", "deg", 0, 360),
            number("beam_deg", "how wide it radiates; 360: all around", "deg", 1, 360),
            number("range_m", "how far it reaches", "m", 0, _FARTHEST_M),
            Column(
                "coverage",
                "text",
                "the shape of its ground; by default as much as the numbers tell",
                choices=SHAPES,
            ),
        ),
        (ON_EARTH, ends_before_it_begins("valid_from", "valid_to")),
    ),
    Kind(
        "venues",
        "Something that people go to, such as a cinema; the graph does not have it.",
        (
            Column("venue_id", "key", "the venue", is_mandatory=True),
            Column(
                "category",
                "text",
                "what it is; docs/preferences.md says which tell of an interest",
                is_mandatory=True,
            ),
            Column("name", "text", "its name"),
            *position(is_mandatory=True),
        ),
        (ON_EARTH,),
        (_PLACE,),
    ),
    Kind(
        "locations",
        "That a subscriber was seen, by a cell or at a position.",
        (
            subscriber(),
            Column("seen_at", "instant", "when", is_mandatory=True),
            Column("cell_id", "key", "the cell"),
            *position(is_mandatory=False),
            number("accuracy_m", "how far off the position may be", "m", 0, _FARTHEST_M),
            Column("event", "text", "what made the network look, such as attach or handover"),
        ),
        (_SOMEWHERE, WHOLE_POSITION, ON_EARTH),
        (_PLACE,),
    ),
    Kind(
        "measurements",
        "What the radio was like at an instant and a place, as drive tests and phones report it.",
        (
            Column("measured_at", "instant", "when", is_mandatory=True),
            Column("subscriber_id", "identity", "whose phone, where it is anybody's"),
            Column("cell_id", "key", "the serving cell"),
            *position(is_mandatory=False),
            Column("technology", "text", "generation", choices=TECHNOLOGIES),
            number("speed_mps", "speed of motion", "mps", 0, 350),
            number("rsrp_dbm", "reference signal received power", "dBm", -200, 0),
            number("rsrq_db", "reference signal received quality", "dB", -60, 30),
            number("sinr_db", "signal to interference and noise", "dB", -60, 60),
            number("rssi_dbm", "received signal strength", "dBm", -200, 0),
            number("cqi", "channel quality indicator", None, 0, 15, is_whole=True),
            number("down_bps", "rate of download", "bps", 0, 10**12),
            number("up_bps", "rate of upload", "bps", 0, 10**12),
            number("round_trip_ms", "time to the server and back", "ms", 0, 600_000),
            number("loss_ratio", "share of packets lost", "ratio", 0, 1),
        ),
        (_SOMEWHERE, WHOLE_POSITION, ON_EARTH),
        (_PLACE,),
    ),
    Kind(
        "counters",
        "What the network counted for a cell over a time.",
        (
            Column("cell_id", "key", "the cell, or the square of a grid", is_mandatory=True),
            Column("started_at", "instant", "first instant of the time", is_mandatory=True),
            number("period_s", "length of the time", "s", 1, 366 * 86_400, is_whole=True),
            Column("name", "text", "what is counted", is_mandatory=True),
            Column("about", "text", "which part of it, such as a country code"),
            number("value", "the count", None, -(10**18), 10**18, is_mandatory=True),
        ),
    ),
)

"""What subscribers do with their data: apps, and sessions with how they went."""

from loaders.kinds.place import TECHNOLOGIES
from loaders.records import LONGEST_S, Column, Kind, number, subscriber

SERVICES = (
    "voice",
    "messaging",
    "web",
    "video",
    "audio",
    "social",
    "gaming",
    "file_transfer",
    "other",
)
_LARGEST_BYTES = 10**13  # a longer count is a broken one; sums must stay below 2^63

KINDS = (
    Kind(
        "apps",
        "An application, or a site of the web.",
        (
            Column("app_id", "key", "the app, such as a package name or a host", is_mandatory=True),
            Column("name", "text", "its name"),
            Column("category", "text", "what it is for"),
            Column("maker", "text", "who makes it"),
        ),
    ),
    Kind(
        "sessions",
        "One data session of a subscriber, with how it went where that was measured.",
        (
            subscriber(),
            Column("started_at", "instant", "when it began", is_mandatory=True),
            number("duration_s", "how long it lasted", "s", 0, LONGEST_S, is_whole=True),
            Column("session_id", "pseudonym", "the session"),
            Column("service", "text", "service", choices=SERVICES),
            Column("app_id", "key", "the app, or the site of the web"),
            Column("cell_id", "key", "the cell it began in"),
            Column("tac", "key", "the model of the device"),
            Column("technology", "text", "generation", choices=TECHNOLOGIES),
            number("volume_up_bytes", "sent", "bytes", 0, _LARGEST_BYTES, is_whole=True),
            number("volume_down_bytes", "received", "bytes", 0, _LARGEST_BYTES, is_whole=True),
            Column("is_set_up", "bool", "false when it could not begin"),
            Column("is_dropped", "bool", "true when it was cut off"),
            number("setup_ms", "time to begin, such as connecting", "ms", 0, 3_600_000),
            number("response_ms", "time to show what was asked", "ms", 0, 3_600_000),
            number("round_trip_ms", "time to the server and back", "ms", 0, 3_600_000),
            number("jitter_ms", "variation of the delay", "ms", 0, 3_600_000),
            number("loss_ratio", "share of packets lost", "ratio", 0, 1),
            number("down_bps", "rate of download", "bps", 0, 10**12),
            number("up_bps", "rate of upload", "bps", 0, 10**12),
            number("initial_delay_ms", "time until a video plays", "ms", 0, 3_600_000),
            number("stalls", "times that a video stood still", None, 0, 10_000, is_whole=True),
            number("stalled_ms", "time that it stood still", "ms", 0, LONGEST_S * 1000),
            number("media_bps", "bit rate of the video", "bps", 0, 10**12),
            number("audio_bps", "bit rate of the sound", "bps", 0, 10**12),
            number("height_px", "lines of the video's picture", "px", 0, 100_000, is_whole=True),
            number("frames_per_s", "frame rate of the video", None, 0, 1_000),
        ),
    ),
)

"""How many planted problems are found, where, how soon, and how many alarms are false.

    python -m tests.benchmarks.problem --seeds 6 --people 8000 --days 17 --episodes 2

generates populations, scores their sessions, calls and messages by the shipped model, and looks
through them day by day. *Located* is exactly the cell, site, model, app or subscriber that was
planted; *found* is that, or what it is part of, or a part of it. Within two days; a single
subscriber whenever it still lasts. Any other alarm is false.
"""

import tempfile
from argparse import ArgumentParser, Namespace
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from commands.terminal import OUT
from graph.problem.delimit import delimit
from graph.problem.position import Finding
from loaders.generate.options import SCOPES, Options
from tests.graph.problem.desk import Desk
from tests.graph.problem.lived import Life, Planted, live

DOMAINS = {
    "cell": "radio",
    "site": "radio",
    "voice": "radio",
    "device": "device",
    "subscriber": "device",
    "app": "service_provider",
    "messages": "core",
}
_WITHIN_D = 2


@dataclass
class Quality:
    """What came out, by scope."""

    planted: Counter[str] = field(default_factory=Counter)
    found: Counter[str] = field(default_factory=Counter)
    located: Counter[str] = field(default_factory=Counter)
    delimited: Counter[str] = field(default_factory=Counter)
    ended: Counter[str] = field(default_factory=Counter)
    closed: Counter[str] = field(default_factory=Counter)
    too_soon: Counter[str] = field(default_factory=Counter)
    returned: Counter[str] = field(default_factory=Counter)
    reopened: Counter[str] = field(default_factory=Counter)
    days: Counter[int] = field(default_factory=Counter)  # to a subscriber's finding
    false_alarms: Counter[str] = field(default_factory=Counter)
    healthy_place_days: int = 0
    subscriber_days: int = 0
    samples: int = 0

    def add(self, life: Life) -> None:
        """Count one population."""
        desk = Desk().look_all(life.seen)
        for one in life.planted:
            if one.episode == 1:
                self._first(life, one)
            else:
                self._again(desk, one)
            if one.last_day <= len(life.seen) - 4:
                self._ended(desk, one)
        self._alarms(life)
        self.samples += life.samples

    def _first(self, life: Life, one: Planted) -> None:
        self.planted[one.scope] += 1
        until = one.last_day if one.kind == "subscriber" else one.first_day + _WITHIN_D - 1
        hits = _hits(life, one, until)
        same = [day for day, hit in hits if (hit.kind, hit.target) == (one.kind, one.target)]
        self.found[one.scope] += bool(hits)
        self.located[one.scope] += bool(same)
        if same and one.kind == "subscriber":
            self.days[same[0] - one.first_day + 1] += 1
        if same:
            (finding,) = (hit for day, hit in hits if day == same[0] and hit.target == one.target)
            told = delimit(life.seen[same[0]], finding).domain
            self.delimited[one.scope] += told == DOMAINS[one.scope]

    def _ended(self, desk: Desk, one: Planted) -> None:
        self.ended[one.scope] += 1
        told = _told(desk, one)
        self.closed[one.scope] += any(
            action == "close" and one.last_day < day <= one.last_day + 5 for day, action in told
        )
        self.too_soon[one.scope] += any(
            action == "close" and one.first_day <= day <= one.last_day for day, action in told
        )

    def _again(self, desk: Desk, one: Planted) -> None:
        self.returned[one.scope] += 1
        until = one.last_day if one.kind == "subscriber" else one.first_day + _WITHIN_D - 1
        self.reopened[one.scope] += any(
            action == "reopen" and one.first_day <= day <= until for day, action in _told(desk, one)
        )

    def _alarms(self, life: Life) -> None:
        true = {
            (one.kind, one.target, day)
            for one in life.planted
            for day in range(one.first_day, one.last_day + 2 * (one.kind == "subscriber") + 1)
        }
        for day, seen in enumerate(life.seen):
            for one in seen.findings:
                if one.is_certain and (one.kind, one.target, day) not in true:
                    self.false_alarms[one.kind] += 1
        ill = sum(kind in ("cell", "site") and day < len(life.seen) for kind, _, day in true)
        self.healthy_place_days += life.places * len(life.seen) - ill
        self.subscriber_days += len(life.seen) * len(life.seen[0].sums.names["subscriber"])


def _hits(life: Life, one: Planted, until: int) -> list[tuple[int, Finding]]:
    seen = life.seen[one.first_day : until + 1]
    names = {(one.kind, one.target)} | life.kin(one)
    return [
        (day, found)
        for day, window in enumerate(seen, start=one.first_day)
        for found in window.findings
        if found.is_certain and (found.kind, found.target) in names
    ]


def _told(desk: Desk, one: Planted) -> list[tuple[int, str]]:
    names = {
        name
        for name, problem in desk.problems.items()
        if (problem.kind, problem.target) == (one.kind, one.target)
    }
    return [(day, action) for day, name, action in desk.told if name in names]


def main() -> None:
    asked = _asked()
    quality = Quality()
    for seed in range(1, asked.seeds + 1):
        options = Options(
            asked.people, asked.days, seed, problems=asked.problems, scopes=SCOPES,
            episodes=asked.episodes, file_format="parquet",
        )  # fmt: skip
        with tempfile.TemporaryDirectory() as folder:
            quality.add(live(Path(folder) / "files", options))
        OUT.print(f"seed {seed}: {quality.samples:,} samples so far", highlight=False)
    _show(quality)


def _show(quality: Quality) -> None:
    counts = [name for name, kept in vars(quality).items() if isinstance(kept, Counter)]
    counts = [name for name in counts if name not in ("planted", "days", "false_alarms")]
    lines = [
        f"{scope}: planted {planted}, "
        + ", ".join(f"{name} {getattr(quality, name)[scope]}" for name in counts)
        for scope, planted in sorted(quality.planted.items())
    ]
    lines += [
        f"false alarms {dict(quality.false_alarms)} in {quality.healthy_place_days:,} healthy "
        f"place-days and {quality.subscriber_days:,} subscriber-days",
        f"days until a subscriber's was found: {dict(sorted(quality.days.items()))}",
    ]
    for line in lines:
        OUT.print(line, highlight=False, soft_wrap=True)


def _asked() -> Namespace:
    parser = ArgumentParser(prog="python -m tests.benchmarks.problem", description=__doc__)
    for name, usual in (("seeds", 6), ("people", 8_000), ("days", 14), ("problems", 12)):
        parser.add_argument(f"--{name}", type=int, default=usual)
    parser.add_argument("--episodes", type=int, default=1)
    return parser.parse_args()


if __name__ == "__main__":
    main()

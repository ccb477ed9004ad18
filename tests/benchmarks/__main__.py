"""Everything that README claims about speed, measured in one run: ``make bench``.

``python -m tests.benchmarks social --people 1000000 --ties 10000000`` measures only what it names,
on a social network of another size; ``bulk increment --records 20000000``, loads of a country.
"""

import tempfile
from argparse import ArgumentParser, Namespace
from pathlib import Path

from graph.database.server import leased
from graph.settings import Settings
from tests.benchmarks import (
    answers,
    behaviour,
    bulk,
    consent,
    experience,
    growth,
    increment,
    loading,
    peer,
    plugin,
    refusals,
    soak,
    social,
    user_view,
    view,
)
from tests.benchmarks.network import network
from tests.benchmarks.stored import store

_ALL = (
    "bulk",
    "increment",
    "behaviour",
    "experience",
    "social",
    "refusals",
    "loading",
    "user_view",
    "view",
    "peer",
    "growth",
    "answers",
    "consent",
    "plugin",
)
_SERVED = {"loading", "user_view", "view", "answers", "consent", "plugin", "peer", "growth", "soak"}


def main() -> None:
    """Compare ours with its floor, in a home folder of its own with the jars of the real one."""
    asked = _asked()
    jars = Settings().jars_folder.resolve()
    with tempfile.TemporaryDirectory(prefix="tiegraph bench ") as name:
        folder = Path(name)
        if "bulk" in asked.what:
            print(bulk.compare(jars, folder, asked.records, asked.rounds))
        if "increment" in asked.what:
            print(increment.compare(jars, folder, asked.records, asked.rounds))
        if "behaviour" in asked.what:
            print(behaviour.compare(folder))
        if "experience" in asked.what:
            for each in experience.compare(folder, asked.samples):
                print(each, flush=True)
        if "social" in asked.what:
            print(social.compare(asked.people, asked.ties))
        if "refusals" in asked.what:
            print(refusals.compare(folder))
        if _SERVED & set(asked.what):
            settings = Settings(home_dir=folder / "home", jars_dir=jars)
            _served(asked, settings, folder)
            if "plugin" in asked.what:
                print(plugin.compare(settings, asked.nethept))


def _served(asked: Namespace, settings: Settings, folder: Path) -> None:
    """Compare what needs a database; the last one replaces the graph."""
    with leased(settings) as locate:
        if "loading" in asked.what:
            print(loading.compare(settings, locate, folder))
        if "user_view" in asked.what:
            print(user_view.compare(settings, locate))
        if "view" in asked.what:
            print(view.compare(settings, locate, folder))
        if "peer" in asked.what:
            pairs = peer.made()
            store(pairs, settings, locate)
            print(peer.compare(pairs, settings, locate))
        if "growth" in asked.what:
            print(growth.compare(settings, locate))
        if "soak" in asked.what:
            print(soak.compare(asked.minutes, settings, locate))
        if {"answers", "consent", "plugin"} & set(asked.what):
            ties = network(asked.people, asked.ties)
            store(ties, settings, locate)
            if {"answers", "plugin"} & set(asked.what):
                print(answers.compare(ties, settings, locate))
            if "consent" in asked.what:
                print(consent.compare(ties.keys.tolist(), asked.consents, settings, locate))


def _asked() -> Namespace:
    parser = ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument(
        "what", nargs="*", default=_ALL, metavar="WHAT", help=", ".join((*_ALL, "soak"))
    )
    parser.add_argument("--people", type=int, default=social.PEOPLE)
    parser.add_argument("--ties", type=int, default=social.TIES)
    parser.add_argument(
        "--records",
        type=int,
        default=bulk.RECORDS,
        help="of the first load, for bulk and increment",
    )
    parser.add_argument("--rounds", type=int, default=bulk.ROUNDS, help="of bulk and increment")
    parser.add_argument("--samples", type=int, default=experience.SAMPLES)
    parser.add_argument("--consents", type=int, default=consent.CONSENTS)
    parser.add_argument("--minutes", type=float, default=10, help="for soak")
    parser.add_argument("--nethept", type=Path, help="file with the ties of NetHEPT, for plugin")
    return parser.parse_args()


main()

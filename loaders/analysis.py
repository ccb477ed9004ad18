"""What takes long to compute from the stored records, by the word that one asks for it with."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from graph.database.server import leased
from graph.errors import BadInput
from graph.experience.model import DEFAULT_VERSION, Model, model_named
from graph.settings import Settings
from loaders import (
    behaviour,
    churn,
    community,
    density,
    experience,
    experience_nodes,
    influence,
    insight,
    preference,
    problem,
    tie,
)
from loaders.progress import Watch


@dataclass(frozen=True)
class Asked:
    """What an analysis is given: the settings, the version of the experience model, who watches."""

    settings: Settings
    version: str
    watch: Watch

    @cached_property
    def model(self) -> Model:
        """The experience model of that version."""
        return model_named(self.version, self.settings.models_folder)


def analysed(
    settings: Settings, domains: Sequence[str], model: str | None, watch: Watch
) -> Iterator[str]:
    """Compute some domains, or all, and yield what was done in a line each.

    Raises
    ------
    BadInput
        There is no such domain, or no such model; or one that was asked for by name has too little
        to go by, which is a line where all are asked for.
    """
    if unknown := set(domains) - set(ANALYSES):
        known = ", ".join(ANALYSES)
        raise BadInput(f"nothing to analyse is called {min(unknown)}; there are {known}")
    asked = Asked(settings, model or DEFAULT_VERSION, watch)
    for domain, analyse in ANALYSES.items():
        if not domains or domain in domains:
            try:
                yield analyse(asked)
            except BadInput as error:
                if domains:
                    raise
                yield f"{domain}: nothing done, {error}"


def _behaviour(asked: Asked) -> str:
    lived = behaviour.analyse(asked.settings, asked.watch)
    counts = f"{lived.subscribers:,} subscribers, {lived.events:,} events of theirs"
    return f"behaviour: {counts}, {lived.lasted_s:,.1f} s"


def _experience(asked: Asked) -> str:
    done = experience.analyse(asked.settings, asked.model, asked.watch)
    counts = f"{done.samples:,} samples of {done.days} days scored, {done.kept} days kept"
    with leased(asked.settings) as locate:
        written = experience_nodes.write(asked.settings, locate, asked.model, asked.watch)
    return (
        f"experience by model {asked.model.version}: {counts}, {done.lasted_s:,.1f} s; scores of "
        f"the newest windows: {written.told}"
    )


def _problems(asked: Asked) -> str:
    with leased(asked.settings) as locate:
        followed = problem.analyse(asked.settings, locate, asked.model, asked.watch)
    return f"problems by model {asked.model.version}: {followed.told}"


def _ties(asked: Asked) -> str:
    done = tie.analyse(asked.settings, asked.watch)
    counts = f"{done.days} days counted with {done.ties:,} ties, {done.kept} days kept"
    return f"ties: {counts}, {done.lasted_s:,.1f} s"


def _communities(asked: Asked) -> str:
    with leased(asked.settings) as locate:
        done = community.analyse(asked.settings, locate, asked.model, asked.watch)
    return f"communities: {done.told}"


def _influence(asked: Asked) -> str:
    with leased(asked.settings) as locate:
        done = influence.analyse(asked.settings, locate, asked.watch)
    return f"influence: {done.told}"


def _churn(asked: Asked) -> str:
    with leased(asked.settings) as locate:
        done = churn.analyse(asked.settings, locate, asked.model, asked.watch)
    return f"churn: {done.told}"


def _apps(asked: Asked) -> str:
    done = insight.analyse(asked.settings, asked.watch)
    return f"apps: {done.apps} told of, {done.lasted_s:,.1f} s"


def _preferences(asked: Asked) -> str:
    with leased(asked.settings) as locate:
        done = preference.analyse(asked.settings, locate, asked.watch)
    return f"preferences: {done.told}"


def _density(asked: Asked) -> str:
    done = density.analyse(asked.settings, asked.watch)
    return f"density: {done.presences:,} hours of somebody somewhere, {done.lasted_s:,.1f} s"


# In the order in which they build on each other.
ANALYSES: Mapping[str, Callable[[Asked], str]] = {
    "behaviour": _behaviour,
    "experience": _experience,
    "problems": _problems,
    "ties": _ties,
    "communities": _communities,
    "influence": _influence,
    "churn": _churn,
    "apps": _apps,
    "preferences": _preferences,
    "density": _density,
}

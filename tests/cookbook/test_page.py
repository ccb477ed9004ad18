"""The page docs/cookbook.md: each question is asked again, and most answers are counted elsewhere.

Numbers counted elsewhere come from the raw files (``tests.cookbook.counted``).
"""

from collections import Counter
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from api.execution import answer
from api.tokens import Viewer, issue_token
from tests.cookbook.conftest import Town
from tests.cookbook.counted import COUNTED, SOMEBODY
from tests.cookbook.notebook import shown_and_found
from tests.cookbook.page import Question, is_as_shown, questions
from tests.cookbook.view import whole_view
from tests.listened import listened
from tests.village import KEY

QUESTIONS = questions()


def test_there_are_thirty_questions() -> None:
    assert [question.number for question in QUESTIONS] == list(range(1, 31))
    assert all(question.asked for question in QUESTIONS)


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: str(question.number))
@pytest.mark.database
def test_the_answer_is_the_one_shown(town: Town, question: Question) -> None:
    for asked in question.asked:
        found = town.answer(asked)
        assert is_as_shown(found, asked.shown), found
        assert not _is_empty(asked.shown), "nobody learns anything from that"


def _is_empty(shown: Any) -> bool:
    if isinstance(shown, dict):
        return all(map(_is_empty, shown.values()))
    return shown is None or shown == []


@pytest.mark.parametrize("number", COUNTED)
@pytest.mark.database
def test_the_answer_is_what_is_counted_in_the_files(town: Town, number: int) -> None:
    count, part = COUNTED[number]
    assert is_as_shown(count(town), part(QUESTIONS[number - 1].asked[0].shown))


@pytest.mark.database
def test_the_whole_view_of_fifty_costs_hardly_more_statements_than_that_of_one(town: Town) -> None:
    """Fields that are read from files come when they come, so that some statements are split."""
    key = KEY.pseudonym("generated", str(SOMEBODY))
    one = _statements(town, f'{{ subscriber(key: "{key}") {{ {whole_view()} }} }}')
    fifty = _statements(town, f"{{ subscribers(first: 50) {{ nodes {{ {whole_view()} }} }} }}")
    assert one.keys() <= fifty.keys()
    assert one.total() <= 70
    assert fifty.total() <= 2 * one.total()
    assert max(fifty.values()) <= 10


def _statements(town: Town, document: str) -> Counter[str]:
    services = town.service.services
    settings = services.settings.model_copy(update={"cost_budgets": {"admin": 10**6}})
    town.service.database.asked.clear()
    viewer = Viewer("admin", "tester")
    found = town.service.run(answer(replace(services, settings=settings), document, None, viewer))
    assert "errors" not in found
    return Counter(town.service.database.asked)


@pytest.mark.database
def test_the_notebook_shows_what_it_did(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = town.service.settings
    assert settings.neo4j_password
    for name, value in {
        "TIEGRAPH_HOME_DIR": str(settings.home_dir),
        "TIEGRAPH_IDENTITY_KEY_FILE": str(settings.identity_key_file),
        "TIEGRAPH_NEO4J_URI": str(settings.neo4j_uri),
        "TIEGRAPH_NEO4J_USER": settings.neo4j_user,
        "TIEGRAPH_NEO4J_PASSWORD": settings.neo4j_password.get_secret_value(),
        "TIEGRAPH_TOKEN": issue_token(settings, "analyst", "tester"),
        "PYTHONPATH": str(Path(__file__).parents[2]),
    }.items():
        monkeypatch.setenv(name, value)
    with listened(town.service, town.service.settings) as url:
        monkeypatch.setenv("TIEGRAPH_URL", url)
        shown, found = shown_and_found()
    assert shown
    assert found == shown


@pytest.mark.parametrize(
    ("found", "shown", "same"),
    [
        (0.65584, Decimal("0.6558"), True),
        (0.65584, Decimal("0.6568"), False),
        (3, 3, True),
        ({"a": [1, None]}, {"a": [1, None]}, True),
        ({"a": [1]}, {"a": [1], "b": 2}, False),
        ([1, 2], [1], False),
        ([1, 2], [1, "…"], True),
        ([3, 2], [1, "…"], False),
    ],
)
def test_a_number_is_compared_to_its_last_shown_digit(found: Any, shown: Any, same: bool) -> None:
    assert is_as_shown(found, shown) is same

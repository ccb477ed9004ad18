"""The examples of docs/graphql.md run."""

import re
from pathlib import Path

import pytest

from tests.api.conftest import Service

PAGE = Path(__file__).parent.parent.parent / "docs" / "graphql.md"
EXAMPLES = re.findall(r"```graphql\n(.*?)```", PAGE.read_text(), re.DOTALL)
VARIABLES = {"key": "asha", "number": "4512345678", "namespace": "msisdn"}


@pytest.mark.database
@pytest.mark.parametrize("example", EXAMPLES)
def test_an_example_is_answered(village: Service, example: str) -> None:
    data = village.data(example, VARIABLES)
    assert all(answer is not None for answer in data.values())


def test_there_are_examples() -> None:
    assert len(EXAMPLES) == 10

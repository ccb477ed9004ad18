import pytest

from api.warmup import warm_up
from tests.api.conftest import Service
from tests.api.test_user_view import STATEMENTS

pytestmark = pytest.mark.database


def test_the_statements_of_a_user_view_have_been_planned(village: Service) -> None:
    village.database.asked.clear()
    village.run(warm_up(village.services))
    warmed = set(village.database.asked)
    assert set(STATEMENTS) | {"subscriber/by_key"} <= warmed

"""A null means what an argument that is not there means, where that has a default."""

from typing import Any

import pytest

from tests.api.conftest import Service

pytestmark = pytest.mark.database


@pytest.mark.parametrize(
    ("field", "nulls"),
    [
        ("contactsAggregate(%s) { calls }", "channel"),
        ("influencers(%s) { totalCount }", "by"),
        (
            'churnPropagation(seeds: ["hana"], %s) { subscribers reached { energy } }',
            "spreadingFactor transfer decay first",
        ),
        ("retentionTargets(budget: 1, %s) { spent }", "cost costOfValue success"),
        ("subscribers(orderBy: {field: CONTACTS, %s}) { nodes { key } }", "direction"),
    ],
)
def test_a_null_means_the_default(village: Service, field: str, nulls: str) -> None:
    def told(arguments: str) -> Any:
        document = "{ " + field.replace("%s", arguments).replace("()", "") + " }"
        answer = village.post(document).json()
        errors = [error["extensions"]["code"] for error in answer.get("errors", ())]
        return answer.get("data"), errors

    data, errors = told(" ".join(f"{name}: null" for name in nulls.split()))
    assert (data, errors) == told("")
    assert set(errors) <= {"FAILED_PRECONDITION"}  # nobody has learned yet who leaves

"""What is read ahead is what the answer needs: less of it never changes what it says."""

from collections.abc import Mapping
from typing import Any

import pytest

from api.ahead import columns
from tests.api.conftest import Service

CONTACTS = "query ($key: ID!) {{ subscriber(key: $key) {{ contacts {{ {} }} }} }}"
TRAFFIC = "traffic { events lastAt }"
EVERYTHING = f"""
  edges {{
    cursor events isFriend
    node {{
      __typename id key status joinedOn demographics {{ gender birthYear }} {TRAFFIC}
      friends {{ nodes {{ key }} }} contacts(first: 2) {{ nodes {{ key }} }}
    }}
    outgoing {{ calls durationS firstAt }} incoming {{ events lastAt }}
  }}
"""

pytestmark = pytest.mark.database


@pytest.fixture
def ahead(monkeypatch: pytest.MonkeyPatch) -> list[Mapping[str, Any]]:
    """Return what contacts will have been read by."""
    seen: list[Mapping[str, Any]] = []

    def recorded(*arguments: Any) -> Any:
        seen.append({"columns": columns(*arguments)})
        return columns(*arguments)

    monkeypatch.setattr("api.tie.columns", recorded)
    return seen


@pytest.mark.parametrize(
    ("selection", "nodes", "ties"),
    [
        ("nodes { key }", ("subscriber_id",), ()),
        ("edges { node { id __typename } }", ("subscriber_id",), ()),
        ("nodes { ...A } edges { node { status } }", ("status", "subscriber_id"), ()),
        ("nodes { friends { nodes { key segment } } }", ("subscriber_id",), ()),
        (
            f"nodes {{ {TRAFFIC} }} edges {{ outgoing {{ calls }} incoming {{ durationS }} }}",
            ("events", "last_at", "subscriber_id"),
            ("calls", "duration_s"),
        ),
        ("nodes { churn { risk } }", None, ()),  # its resolver may look at anything
        ("nodes { ... on Node { id } }", ("subscriber_id",), ()),
    ],
)
def test_what_is_read_is_what_is_asked_for(
    village: Service,
    ahead: list[Mapping[str, Any]],
    selection: str,
    nodes: tuple[str, ...] | None,
    ties: tuple[str, ...],
) -> None:
    fragment = " fragment A on Subscriber { key }" if "...A" in selection else ""
    village.post(CONTACTS.format(selection) + fragment, {"key": "asha"})
    assert [told["columns"] for told in ahead[:2]] == [nodes, ties]


def test_the_answer_is_that_of_reading_everything(
    village: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    chosen = village.data(CONTACTS.format(EVERYTHING), {"key": "asha"})
    monkeypatch.setattr("api.tie.columns", lambda *_: None)
    assert village.data(CONTACTS.format(EVERYTHING), {"key": "asha"}) == chosen
    assert chosen["subscriber"]["contacts"]["edges"]

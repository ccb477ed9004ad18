"""Windows and cursors."""

import base64
import json

import pytest

from api.relay import Window, node_id, page, split_node_id, window, write_cursor
from graph.database.session import Row
from graph.errors import BadInput
from graph.page import Mark


async def no_count() -> int:
    raise AssertionError("nobody asked for the total")


def rows(*keys: str) -> list[Row]:
    return [{"rank": 7, "key": key, "node": {}} for key in keys]


def test_without_arguments_twenty_entries_or_the_largest_page() -> None:
    assert window("list", 100) == Window("list", 20, None)
    assert window("list", 5) == Window("list", 5, None)


def test_a_cursor_leads_back_to_its_entry() -> None:
    cursor = write_cursor("list", Mark(3, "bram"))
    assert window("list", 100, 2, cursor) == Window("list", 2, Mark(3, "bram"))
    assert window("list", 100, last=2, before=cursor).is_backward


@pytest.mark.parametrize(
    "arguments",
    [
        {"first": 0},
        {"first": -1},
        {"first": 101},
        {"last": 0},
        {"last": 101},
        {"first": 1, "last": 1},
        {"first": 1, "before": "x"},
        {"last": 1, "after": "x"},
        {"after": "x", "before": "x"},
    ],
    ids=str,
)
def test_impossible_windows_are_refused(arguments: dict[str, int]) -> None:
    with pytest.raises(BadInput):
        window("list", 100, **arguments)  # type: ignore[arg-type]  # texts and numbers mixed


def packed(content: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(content).encode()).decode()


@pytest.mark.parametrize(
    "cursor",
    [
        "",
        "x",
        "é",
        "%%%",
        "a" * 5_000,
        packed(["other list", 3, "bram"]),
        packed(["list", "3", "bram"]),
        packed(["list", 3, 4]),
        packed(["list", 3]),
        packed(["list", 2**63, "bram"]),
        packed(["list", -2, "bram"]),
        packed(["list", 1.5, "bram"]),
        packed({"list": 3}),
        packed(None),
        base64.urlsafe_b64encode(b'["list", 3, "\\ud800"]').decode(),
    ],
)
def test_a_cursor_that_we_did_not_write_is_refused(cursor: str) -> None:
    with pytest.raises(BadInput, match="the cursor is not of this list in this order"):
        window("list", 100, 2, cursor)


def test_a_forward_page_knows_what_lies_around_it() -> None:
    shown = page(Window("list", 2, Mark(7, "asha")), rows("bram", "chidi", "dewi"), no_count)
    assert [edge["key"] for edge in shown.edges] == ["bram", "chidi"]
    assert shown.page_info == {
        "has_next_page": True,
        "has_previous_page": True,
        "start_cursor": write_cursor("list", Mark(7, "bram")),
        "end_cursor": write_cursor("list", Mark(7, "chidi")),
    }


def test_a_backward_page_comes_in_the_lists_order() -> None:
    """Its rows are read from the mark backwards."""
    shown = page(Window("list", 2, None, is_backward=True), rows("dewi", "chidi"), no_count)
    assert [edge["key"] for edge in shown.edges] == ["chidi", "dewi"]
    assert (shown.page_info["has_next_page"], shown.page_info["has_previous_page"]) == (
        False,
        False,
    )


def test_an_empty_page_has_no_cursors() -> None:
    shown = page(Window("list", 2, None), [], no_count)
    assert (shown.page_info["start_cursor"], shown.page_info["end_cursor"]) == (None, None)


@pytest.mark.parametrize("text", ["", "x", "é", node_id("", ""), "U3Vic2NyaWJlcg=="])
def test_what_is_no_global_identifier_names_no_node(text: str) -> None:
    """The last one is base64 of ``Subscriber`` without a key."""
    assert split_node_id(text)[0] == ""

"""Places and cells of the village."""

from typing import Any

import pytest

from tests.api.conftest import Service
from tests.village import FIELD, LAKE, MARKET, REGION, SCHOOL, SQUARE

pytestmark = pytest.mark.database

PLACE = """
    query Place($h3: ID!, $first: Int, $after: String) {
      place(h3: $h3) {
        id h3 resolution latDeg lonDeg subscribers
        parent { h3 parent { h3 } }
        children { h3 resolution }
        visitors(first: $first, after: $after) {
          totalCount
          pageInfo { hasNextPage endCursor }
          edges { events visits dwellS firstAt lastAt node { key } }
        }
      }
    }
"""


def place(village: Service, h3: str, **variables: Any) -> Any:
    return village.data(PLACE, {"h3": h3, **variables})["place"]


def test_a_place_knows_who_was_there(village: Service) -> None:
    """Asha and bram have five records at school each: equals come by key."""
    shown = place(village, SCHOOL)
    assert shown == {
        "id": "UGxhY2U6ODkxZjA1OTAxOTdmZmZm",  # base64 of Place:891f0590197ffff
        "h3": SCHOOL,
        "resolution": 9,
        "latDeg": 55.786148,
        "lonDeg": 12.523385,
        "subscribers": 2,
        "parent": {"h3": SQUARE, "parent": {"h3": REGION}},
        "children": [],
        "visitors": {
            "totalCount": 2,
            "pageInfo": {"hasNextPage": False, "endCursor": "WyJ2aXNpdG9ycyIsNSwiYnJhbSJd"},
            "edges": [
                {
                    "events": 5,
                    "visits": 2,
                    "dwellS": 600,
                    "firstAt": "2024-01-01T08:00:00+00:00",
                    "lastAt": "2024-01-10T10:00:00+00:00",
                    "node": {"key": "asha"},
                },
                {
                    "events": 5,
                    "visits": 1,
                    "dwellS": 60,
                    "firstAt": "2024-01-01T08:00:00+00:00",
                    "lastAt": "2024-01-01T08:01:00+00:00",
                    "node": {"key": "bram"},
                },
            ],
        },
    }


def test_a_place_sums_up_what_lies_below_it(village: Service) -> None:
    """Asha: school and market, 5 + 9 records, 2 + 3 visits, 600 + 1,200 seconds."""
    shown = place(village, REGION, first=1)
    assert shown["subscribers"] == 3
    assert shown["parent"] is None
    assert shown["children"] == [{"h3": FIELD, "resolution": 8}, {"h3": SQUARE, "resolution": 8}]
    assert shown["visitors"]["totalCount"] == 3
    assert shown["visitors"]["edges"] == [
        {
            "events": 14,
            "visits": 5,
            "dwellS": 1800,
            "firstAt": "2024-01-01T08:00:00+00:00",
            "lastAt": "2024-01-20T21:30:00+00:00",
            "node": {"key": "asha"},
        }
    ]
    after = shown["visitors"]["pageInfo"]["endCursor"]
    rest = place(village, REGION, after=after)["visitors"]["edges"]
    assert [(edge["node"]["key"], edge["events"]) for edge in rest] == [("bram", 5), ("chidi", 1)]


def test_an_unknown_place_is_null(village: Service) -> None:
    assert place(village, "89000000000ffff") is None


@pytest.mark.parametrize(
    ("resolution", "expected"),
    [
        (None, [REGION, FIELD, SQUARE, LAKE, MARKET, SCHOOL]),
        (7, [REGION]),
        (8, [FIELD, SQUARE]),
        (9, [LAKE, MARKET, SCHOOL]),
        (5, []),
    ],
)
def test_places_come_by_index_page_by_page(
    village: Service, resolution: int | None, expected: list[str]
) -> None:
    query = """
        query Places($resolution: Int, $after: String) {
          places(filter: { resolution: $resolution }, first: 2, after: $after) {
            totalCount nodes { h3 } pageInfo { hasNextPage endCursor }
          }
        }
    """
    found, after = [], None
    while True:
        shown = village.data(query, {"resolution": resolution, "after": after})["places"]
        assert shown["totalCount"] == len(expected)
        found += [node["h3"] for node in shown["nodes"]]
        after = shown["pageInfo"]["endCursor"]
        if not shown["pageInfo"]["hasNextPage"]:
            break
    assert found == expected


def test_a_subscribers_places_come_by_records(village: Service) -> None:
    query = """
        { subscriber(key: "asha") { places(first: 1) {
            totalCount
            pageInfo { hasNextPage }
            edges { events visits dwellS firstAt lastAt node { h3 } }
        } } }
    """
    assert village.data(query)["subscriber"]["places"] == {
        "totalCount": 2,
        "pageInfo": {"hasNextPage": True},
        "edges": [
            {
                "events": 9,
                "visits": 3,
                "dwellS": 1200,
                "firstAt": "2024-01-02T09:00:00+00:00",
                "lastAt": "2024-01-20T21:30:00+00:00",
                "node": {"h3": MARKET},
            }
        ],
    }


def test_a_cell_covers_places(village: Service) -> None:
    query = """
        query Cell($key: ID!) { cell(key: $key) {
            id key namespace latDeg lonDeg
            places { totalCount edges { share node { h3 } } }
        } }
    """
    assert village.data(query, {"key": "village:mast"})["cell"] == {
        "id": "Q2VsbDp2aWxsYWdlOm1hc3Q=",  # base64 of Cell:village:mast
        "key": "village:mast",
        "namespace": "village",
        "latDeg": 55.785,
        "lonDeg": 12.522,
        "places": {
            "totalCount": 2,
            "edges": [
                {"share": 0.75, "node": {"h3": MARKET}},
                {"share": 0.25, "node": {"h3": SCHOOL}},
            ],
        },
    }
    assert village.data(query, {"key": "village:none"}) == {"cell": None}

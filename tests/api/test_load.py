"""Loads, as the ledger has them."""

from pathlib import Path

from graph.load import FileCount, LoadReport, RecordCount, RejectionCount
from tests.api.conftest import Service, fresh_service

REPORT = LoadReport(
    files=(
        FileCount(
            file="calls.csv",
            table="calls",
            sha256="ab" * 32,
            size_bytes=5_000_000_000,
            rows_read=10,
            rows_rejected=2,
            rows_suppressed=1,
        ),
        FileCount(
            file="more.csv",
            table="calls",
            sha256="cd" * 32,
            size_bytes=7,
            rows_read=5,
            rows_rejected=0,
        ),
    ),
    records=(
        RecordCount(kind="calls", made=13, loaded=9, duplicate=3, known=1),
        RecordCount(kind="subscribers", made=4, loaded=4, duplicate=0, known=0),
    ),
    rejections=(RejectionCount(file="calls.csv", field="duration", reason="is negative", rows=2),),
)
QUERY = """
    query Loads($first: Int, $after: String) {
      loads(first: $first, after: $after) {
        totalCount
        pageInfo { hasNextPage endCursor }
        nodes {
          loadId source state endedAt error
          rowsRead rowsRejected rowsSuppressed recordsLoaded recordsDuplicate recordsKnown
          files { file table sha256 sizeBytes rowsRead rowsRejected rowsSuppressed }
          records { kind made loaded duplicate known }
          rejections { file field reason rows }
        }
      }
    }
"""


def test_a_load_tells_what_came_in_and_what_became_of_it(nowhere: Service, tmp_path: Path) -> None:
    service = fresh_service(nowhere, tmp_path)
    load_id = service.ledger.begin("bank")
    service.ledger.reported(load_id, REPORT)
    shown = service.data(QUERY)["loads"]
    assert shown["totalCount"] == 1
    assert shown["nodes"] == [
        {
            "loadId": load_id,
            "source": "bank",
            "state": "STORED",
            "endedAt": None,
            "error": None,
            "rowsRead": 15,
            "rowsRejected": 2,
            "rowsSuppressed": 1,
            "recordsLoaded": 13,
            "recordsDuplicate": 3,
            "recordsKnown": 1,
            "files": [
                {
                    "file": "calls.csv",
                    "table": "calls",
                    "sha256": "ab" * 32,
                    "sizeBytes": 5_000_000_000,
                    "rowsRead": 10,
                    "rowsRejected": 2,
                    "rowsSuppressed": 1,
                },
                {
                    "file": "more.csv",
                    "table": "calls",
                    "sha256": "cd" * 32,
                    "sizeBytes": 7,
                    "rowsRead": 5,
                    "rowsRejected": 0,
                    "rowsSuppressed": 0,
                },
            ],
            "records": [
                {"kind": "calls", "made": 13, "loaded": 9, "duplicate": 3, "known": 1},
                {"kind": "subscribers", "made": 4, "loaded": 4, "duplicate": 0, "known": 0},
            ],
            "rejections": [
                {"file": "calls.csv", "field": "duration", "reason": "is negative", "rows": 2}
            ],
        }
    ]


def test_loads_come_newest_first_in_every_state(nowhere: Service, tmp_path: Path) -> None:
    service = fresh_service(nowhere, tmp_path)
    ledger = service.ledger
    ids = [ledger.begin(source) for source in ("a", "b", "c")]
    ledger.failed(ids[0], "a: the file is empty")
    ledger.reported(ids[1], LoadReport())
    ledger.applied("graph", frozenset({ids[1]}))
    shown = service.data(QUERY, {"first": 2})["loads"]
    assert [(node["source"], node["state"]) for node in shown["nodes"]] == [
        ("c", "RUNNING"),
        ("b", "APPLIED"),
    ]
    assert (shown["totalCount"], shown["pageInfo"]["hasNextPage"]) == (3, True)
    shown = service.data(QUERY, {"after": shown["pageInfo"]["endCursor"]})["loads"]
    assert [(node["source"], node["state"], node["error"]) for node in shown["nodes"]] == [
        ("a", "FAILED", "a: the file is empty")
    ]
    assert shown["pageInfo"]["hasNextPage"] is False


def test_loads_need_no_database(nowhere: Service) -> None:
    assert nowhere.data("{ loads { totalCount } }") == {"loads": {"totalCount": 0}}
    assert nowhere.database.asked == []


def test_loads_of_a_time(nowhere: Service, tmp_path: Path) -> None:
    service = fresh_service(nowhere, tmp_path)
    first, second = service.ledger.begin("bank"), service.ledger.begin("bank")
    began = service.data("{ loads { nodes { startedAt } } }")["loads"]["nodes"][0]["startedAt"]
    query = """query ($at: DateTime!) {
        before: loads(until: $at) { totalCount nodes { loadId } }
        after: loads(since: $at) { totalCount nodes { loadId } }
    }"""
    shown = service.data(query, {"at": began})
    assert shown["before"] == {"totalCount": 1, "nodes": [{"loadId": first}]}
    assert shown["after"] == {"totalCount": 1, "nodes": [{"loadId": second}]}
    mixed = '{ loads(since: "2026-01-02T00:00:00Z", until: "2026-01-01T00:00:00Z") { totalCount } }'
    ((code, message),) = service.errors(mixed)
    assert (code, "since must be before until" in message) == ("BAD_USER_INPUT", True)

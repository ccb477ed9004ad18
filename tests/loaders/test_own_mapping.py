"""An operator's own file, brought in by a mapping of its own and no code."""

from pathlib import Path

import pytest

from graph.database.session import Endpoint
from tests.lab import Lab

pytestmark = pytest.mark.database

MAPPING = """
title: Calls as an operator's switch writes them
licence: none
identities: {namespace: msisdn, format: msisdn, country_code: "45"}
tables:
  calls:
    delimiter: ";"
    records:
      - kind: calls
        columns:
          caller_id: A_NUMBER
          callee_id: B_NUMBER
          started_at: {column: START, format: "%d.%m.%Y %H:%M:%S", time_zone: Europe/Copenhagen}
          duration_s: {column: MINUTES, unit: min}
          is_answered: {constant: "true"}
"""
CALLS = """A_NUMBER;B_NUMBER;START;MINUTES
+45 12 34 56 78;0045-87654321;01.07.2026 12:00:00;1.5
4512345678;+4587654321;01.12.2026 12:00:00;2
4512345678;4587654321;29.03.2026 02:30:00;2
"""


def test_units_zones_and_numbers_are_the_mappings_business(
    tmp_path: Path, empty_graph: Endpoint
) -> None:
    """Copenhagen is at UTC+2 in July and at UTC+1 in December; 02:30 on 29 March 2026 never was."""
    (tmp_path / "switch.yaml").write_text(MAPPING)
    (tmp_path / "calls.csv").write_text(CALLS)
    lab = Lab(tmp_path / "home", empty_graph)
    loaded = lab.load(str(tmp_path / "switch.yaml"), tmp_path / "calls.csv")
    assert [(r.field, r.rows) for r in loaded.report.rejections] == [("START", 1)]
    answer = lab.ask(
        """query ($who: String) { subscriber(identity: $who) {
          namespace traffic { callsOut durationOutS firstAt lastAt }
        } }""",
        "care",
        who="+45 12345678",
    )
    assert answer["subscriber"] == {
        "namespace": "msisdn",
        "traffic": {
            "callsOut": 2,
            "durationOutS": 210,
            "firstAt": "2026-07-01T10:00:00+00:00",
            "lastAt": "2026-12-01T11:00:00+00:00",
        },
    }

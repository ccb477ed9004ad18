"""No raw identity is anywhere after a load: not in graph, store, ledger, logs or messages."""

from collections.abc import Iterator
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from graph.database.session import Endpoint
from graph.settings import Settings
from tests.lab import Lab

pytestmark = pytest.mark.database

# Numbers that occur nowhere by chance: 4-byte patterns would be found in any compressed file.
CALLER, CALLEE, SELF = "4587651234987001", "4587651234987002", "4587651234987003"
ROWS = f"""timestamp,caller,callee,duration
10,{CALLER},{CALLEE},60
20,{SELF},{SELF},5
30,{CALLER},{CALLEE},-7
oops,{CALLEE},{CALLER},60
40,{CALLER},{CALLEE}
50,{CALLER}\xff,{CALLEE},60
"""


def test_nothing_that_is_kept_or_said_holds_an_identity(
    tmp_path: Path, empty_graph: Endpoint, graph_settings: Settings
) -> None:
    lab = Lab(tmp_path / "home", empty_graph)
    path = tmp_path / "calls.csv"
    path.write_bytes(ROWS.encode("latin-1"))
    done = lab.run("load", "copenhagen", path)
    assert done.returncode == 0, done.stderr
    answer = lab.ask("{ subscribers { totalCount } loads { nodes { rowsRead rowsRejected } } }")
    assert answer["subscribers"]["totalCount"] == 2
    assert answer["loads"]["nodes"] == [{"rowsRead": 6, "rowsRejected": 5}]
    asked = lab.run(
        "query",
        "query ($i: String) { subscriber(identity: $i) { key } }",
        "--as",
        "care",
        "--variables",
        f'{{"i": "{CALLER}"}}',
    )
    assert '"key": "' in asked.stdout
    said = "".join((done.stdout, done.stderr, asked.stdout, asked.stderr)).encode()
    kept = {"messages": said, **dict(_files(lab.home)), **dict(_files(graph_settings.home_dir))}
    assert any("quarantine" in name for name in kept)
    for name, content in kept.items():
        for identity in (CALLER, CALLEE, SELF):
            assert identity.encode() not in content, name
            assert identity.encode("utf-16-le") not in content, name


def _files(folder: Path) -> Iterator[tuple[str, bytes]]:
    for path in folder.rglob("*"):
        if path.is_file():
            yield str(path), path.read_bytes()
        if path.suffix == ".parquet":  # compressed, so its bytes alone prove nothing
            yield f"{path} unpacked", repr(pq.read_table(path).to_pylist()).encode()

"""What an export leaves is all that others need to build the same graph."""

import asyncio
import io
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from neo4j import GraphDatabase
from rich.console import Console

from cypher import statement
from graph.audit import AuditLog
from graph.database.jars import Jar, ensure_jars
from graph.database.schema import prepare
from graph.database.session import Database, Endpoint, opened
from graph.errors import AuditError
from graph.identity import IdentityKey
from graph.settings import Settings
from loaders.export import export_tables
from loaders.generate.generate import generate
from loaders.generate.options import Options
from loaders.progress import Silence
from loaders.shapes import SHAPES, Node
from loaders.spark import java_home
from tests.lab import Lab
from tests.loaders.conftest import QUICK_SPARK

pytestmark = pytest.mark.database

SCALE = (Path(__file__).parents[2] / "docs" / "scale.md").read_text(encoding="utf-8")
JOB = re.findall(r"```python\n(.*?)```", SCALE, re.DOTALL)
AFTERWARDS = re.findall(r"```cypher\n(.*?)```", SCALE, re.DOTALL)
CONNECTOR = Jar(
    "org.neo4j",
    "neo4j-connector-apache-spark_2.13",
    "5.3.8_for_spark_3",
    "",
    "2d60211f0336a3e36cdf2ef291542c4c49ad492858c643e0e0a6143054fb32b1",
    7_733_932,
)
LIMIT_S = 200


@pytest.fixture
def lab(tmp_path: Path, empty_graph: Endpoint) -> Lab:
    """Return a home into whose graph a small population was loaded, with every kind of record."""
    generate(tmp_path / "files", Options(people=100, days=2, seed=1), lambda _: None)
    lab = Lab(tmp_path / "home", empty_graph)
    lab.load("generated", tmp_path / "files")
    return lab


def test_every_shape_has_a_folder_whose_columns_are_its_own(lab: Lab, tmp_path: Path) -> None:
    folder = tmp_path / "tables"
    export_tables(folder, lab.settings, Silence())
    listed = [table["folder"] for table in json.loads((folder / "tables.json").read_text())]
    assert listed == [path for path, _ in expected()]
    for path, columns in expected():
        rows = pq.read_table(folder / path)
        assert rows.column_names == columns
        assert (folder / f"{path}.csv").read_text().splitlines()[1] == ",".join(columns)
    subscribers = pq.read_schema(folder / "nodes" / "Subscriber" / "part-0.parquet")
    assert str(subscribers.field("first_at").type) == "timestamp[us, tz=UTC]"
    whose = pq.read_table(folder / "nodes" / "Subscriber").column("subscriber_id").to_pylist()
    assert len(whose) == 100
    (told,) = AuditLog.of(lab.settings).accesses()
    assert (told.by, told.operation, told.of) == ("local", "export tables", "Subscriber")
    assert (told.keys, sorted(told.fields)) == (whose, sorted(listed))


def test_what_cannot_be_written_down_does_not_leave(lab: Lab, tmp_path: Path) -> None:
    folder = tmp_path / "tables"
    lab.settings.audit_folder.write_text("in the way")
    with pytest.raises(AuditError):
        export_tables(folder, lab.settings, Silence())
    assert not folder.exists()


def expected() -> list[tuple[str, list[str]]]:
    """Return folder and columns of every shape."""
    found: list[tuple[str, list[str]]] = []
    for shape in (shape for shapes in SHAPES.values() for shape in shapes):
        if isinstance(shape, Node):
            found.append((f"nodes/{shape.label}", [shape.key, *shape.properties]))
        else:
            ends = [shape.start.column, shape.end.column]
            path = f"relationships/{shape.start.label}-{shape.type}-{shape.end.label}"
            found.append((path, [*ends, *shape.properties]))
    return found


def test_neither_a_full_folder_nor_an_empty_store_is_exported(tmp_path: Path) -> None:
    nobody = Lab(tmp_path / "home", Endpoint("", "", ""))
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "file").touch()
    for folder, reason in (("full", "is not empty; name a new folder"), ("new", "no records")):
        done = nobody.run("export", "tables", tmp_path / folder)
        assert (done.returncode, done.stdout) == (1, "")
        assert reason in done.stderr


@pytest.mark.usefixtures("quick_spark")
def test_neo4js_spark_connector_makes_the_same_graph_of_sparks_tables(
    lab: Lab, tmp_path: Path, settings_of: Callable[..., Settings]
) -> None:
    """The job and the statements are those of docs/scale.md; the first graph, transactions made."""
    folder, by_transactions = tmp_path / "tables", lab.digest()
    exported = lab.run("export", "tables", folder, "--engine", "spark")
    assert exported.returncode == 0, exported.stderr
    (jar,) = ensure_jars(settings_of(home_dir=tmp_path), Console(file=io.StringIO()), [CONNECTOR])
    with GraphDatabase.driver(lab.endpoint.uri, auth=login(lab)) as driver:
        driver.execute_query(statement("database/wipe").text)
        _take(folder, jar, lab.endpoint, tmp_path)
        with driver.session() as session:
            for query in AFTERWARDS:
                session.run(query).consume()
    mark(lab)
    assert lab.digest() == by_transactions


def login(lab: Lab) -> tuple[str, str]:
    return lab.endpoint.user, lab.endpoint.password


def _take(folder: Path, jar: Path, endpoint: Endpoint, scratch: Path) -> None:
    """Run the job in a Spark of its own."""
    (job,) = JOB
    environment = {
        "TABLES": str(folder),
        "NEO4J_URI": endpoint.uri,
        "NEO4J_USER": endpoint.user,
        "NEO4J_PASSWORD": endpoint.password,
        "JAVA_HOME": str(java_home(scratch)),
        "SPARK_LOCAL_IP": "127.0.0.1",
        "PYSPARK_SUBMIT_ARGS": f"--master local[2] --conf spark.ui.enabled=false "
        f"--jars '{jar}' {QUICK_SPARK} pyspark-shell",
    }
    done = subprocess.run(
        [sys.executable, "-c", job],
        env=os.environ | environment,
        cwd=scratch,
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def mark(lab: Lab) -> None:
    """Write the mark that every load leaves."""

    async def run() -> None:
        async with opened(lambda: lab.endpoint, lab.settings) as database:
            await _prepared(database)

    async def _prepared(database: Database) -> None:
        await prepare(database, IdentityKey.of(lab.settings))

    asyncio.run(run())

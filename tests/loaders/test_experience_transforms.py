"""What the engines compute of samples is what the reference says of each of them."""

from collections import Counter, defaultdict
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import ibis
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ibis.backends import BaseBackend

from graph.experience.measures import MEASURES, SELECTORS
from graph.experience.model import DEFAULT_VERSION, bundled_models, read_model
from graph.experience.scoring import Scored, score_samples
from graph.experience.tally import MILLION, score_of, slots, sum_names
from graph.kernels import pc
from loaders import engine as engines
from loaders.experience import stages_apart
from loaders.kinds import KINDS
from loaders.records import ARROW_TYPES
from loaders.transforms.experience import KEYS, scored, summed

MODEL = read_model(bundled_models()[DEFAULT_VERSION])
ROWS = 3_000
DRAWN = [
    column
    for column in KINDS["sessions"].columns
    if column.name == SELECTORS["sessions"]
    or any(column.name in m.columns for (kind, _), m in MEASURES.items() if kind == "sessions")
]
AT = datetime(2026, 1, 5, 7, tzinfo=UTC)
SCALES = {"ms": 1500.0, "bps": 3e6, "ratio": 0.05, "px": 700.0, "s": 900.0, "number": 12.0}


def random_samples(kind: str, seed: int = 5) -> pa.Table:
    """Return samples of a kind: every value around where mappings bend, a fifth missing."""
    rng = np.random.default_rng(seed)

    def some(values: Any, type_: pa.DataType) -> pa.Array:
        return pa.array(list(values), type_, mask=rng.random(ROWS) < 0.2)

    columns: dict[str, pa.Array] = {
        key: some(rng.integers(0, 40, ROWS).astype(str), pa.string()) for key in KEYS if key != "h3"
    }
    columns["h3"] = some(rng.integers(1, 9, ROWS), pa.int64())
    columns["at"] = pa.array([AT] * ROWS, pa.timestamp("us", "UTC"))
    selector = SELECTORS.get(kind)
    for column in KINDS[kind].columns:
        needed = any(column.name in m.columns for (k, _), m in MEASURES.items() if k == kind)
        type_ = ARROW_TYPES[column.type]
        if column.name == selector:
            columns[column.name] = some(rng.choice(column.choices, ROWS), type_)
        elif needed and column.type == "bool":
            columns[column.name] = some(rng.random(ROWS) < 0.7, type_)
        elif needed and column.type == "text":
            columns[column.name] = some(rng.choice(["resolved", "open"], ROWS), type_)
        elif needed:
            drawn = rng.exponential(SCALES.get(column.unit or "number", 1), ROWS)
            drawn = -drawn * 10 if column.unit in ("dBm", "dB") else drawn
            drawn = np.clip(drawn, column.minimum, column.maximum)
            columns[column.name] = some(drawn.astype(int) if column.type == "int" else drawn, type_)
    return pa.table(columns)


def reference(kind: str, name: str, samples: pa.Table) -> Scored:
    """Score the samples of one service by the reference."""
    service = MODEL.services[name]
    chosen = samples
    for column, text in service.where.items():
        chosen = samples.filter(pc.equal(samples[column], text))
    columns = {}
    for each in MEASURES.values():
        for column in each.columns if each.records == kind else ():
            found = chosen[column].to_pylist()
            is_text = KINDS[kind].column(column).type == "text"  # type: ignore[union-attr]
            columns[column] = np.array(
                found if is_text else [np.nan if v is None else float(v) for v in found],
                dtype=object if is_text else float,
            )
    return score_samples(service, columns)


def by_service(rows: pa.Table) -> dict[str, dict[str, int]]:
    return {
        row["service"]: {k: v for k, v in row.items() if k != "service"} for row in rows.to_pylist()
    }


@pytest.mark.parametrize("kind", sorted({each.records for each in MODEL.services.values()}))
def test_an_engine_computes_what_the_reference_says(kind: str, tmp_path: Path) -> None:
    """Sums of 3,000 samples, by service; a rounded part is off by half a millionth at most."""
    samples = random_samples(kind)
    engine = engines.connect(tmp_path)
    table = engine.create_table("samples", samples)
    found = by_service(engine.to_pyarrow(summed(MODEL, kind, table, ["service"])))
    expected = [name for name, each in MODEL.services.items() if each.records == kind]
    assert sorted(found) == sorted(expected)
    for name in expected:
        wanted, sums = reference(kind, name, samples), found[name]
        known = ~np.isnan(wanted.score)
        assert sums["samples"] == len(known)
        assert sums["scored"] == known.sum()
        assert sorted(sums) == sorted(sum_names(slots(MODEL)))
        score = score_of(MODEL, {name: sums})
        slack = 2 * len(known)
        assert score.cei == pytest.approx(100 * wanted.score[known].mean(), abs=1e-4)
        assert score.least == pytest.approx(100 * wanted.least.mean(), abs=1e-4)
        assert score.coverage == pytest.approx(wanted.coverage.mean(), abs=1e-9)
        assert sums["square"] == pytest.approx(
            MILLION * (wanted.score[known] ** 2).sum(), abs=slack
        )
        kpis = [kpi for kqi in score.services[0].kqis for kpi in kqi.kpis]
        assert [kpi.name for kpi in kpis] == list(MODEL.services[name].kpis)
        for position, kpi in enumerate(kpis):
            has = ~np.isnan(wanted.values[:, position])
            assert kpi.samples == has.sum()
            assert kpi.value == pytest.approx(wanted.values[has, position].mean(), abs=1e-3)
            assert kpi.score == pytest.approx(100 * wanted.scores[has, position].mean(), abs=1e-4)
            part = wanted.contributions[:, position].sum() / known.sum()
            assert kpi.contribution == pytest.approx(100 * part, abs=2e-4)
        assert sum(kpi.contribution for kpi in kpis) == pytest.approx(score.cei, abs=1e-9)


def test_a_split_changes_nothing(tmp_path: Path) -> None:
    """A place's sums are those of its people, and the whole's are those of any parts of it."""
    samples = random_samples("sessions")
    engine = engines.connect(tmp_path)
    table = engine.create_table("samples", samples)
    whole = by_service(engine.to_pyarrow(summed(MODEL, "sessions", table, ["service"])))
    for key in KEYS:
        parts = engine.to_pyarrow(summed(MODEL, "sessions", table, ["service", key])).to_pylist()
        for name, sums in whole.items():
            mine = [part for part in parts if part["service"] == name]
            assert {column: sum(part[column] for part in mine) for column in sums} == sums


def _session() -> st.SearchStrategy[dict[str, Any]]:
    """Sessions of two people at two cells in two hours, of which anything may be unknown."""
    columns: dict[str, st.SearchStrategy[Any]] = {}
    for column in DRAWN:
        if column.type == "bool":
            known: st.SearchStrategy[Any] = st.booleans()
        elif column.name == "service":
            known = st.sampled_from(column.choices)
        else:  # around where mappings bend: in seven steps of ten
            known = st.integers(0, 7).map(lambda step: float(10**step))
            known = st.floats(0, 1) if column.unit == "ratio" else known
        columns[column.name] = st.none() | known
    keys = {key: st.sampled_from((None, "a", "b")) for key in ("subscriber_id", "cell_id")}
    hours = st.integers(0, 1).map(lambda hour: AT + timedelta(hours=hour))
    return st.fixed_dictionaries({**keys, "at": hours, **columns})


Sums = Callable[[list[dict[str, Any]], str], dict[Any, dict[str, dict[str, int]]]]


@pytest.fixture(scope="module")
def sums_by() -> Sums:
    """Return how samples are summed by a key, then by service; the queries are made but once."""
    engine = engines.connect()
    whole = pa.schema(
        [*((key, pa.int64() if key == "h3" else pa.string()) for key in KEYS),
         ("at", pa.timestamp("us", "UTC")),
         *((c.name, pa.float64() if c.type == "int" else ARROW_TYPES[c.type]) for c in DRAWN)]
    )  # fmt: skip
    with stages_apart():
        table = engine.create_table("drawn", whole.empty_table())
        summed_by = {
            key: summed(MODEL, "sessions", table, [key, "service"])
            for key in ("subscriber_id", "cell_id", "at")
        }
        queries = {key: str(ibis.to_sql(sums, dialect="duckdb")) for key, sums in summed_by.items()}

    def sums(samples: list[dict[str, Any]], key: str) -> dict[Any, dict[str, dict[str, int]]]:
        engine.create_table("drawn", pa.Table.from_pylist(samples, whole), overwrite=True)
        found: dict[Any, dict[str, dict[str, int]]] = {}
        for row in engine.con.execute(queries[key]).to_arrow_table().to_pylist():
            group, service = row.pop(key), row.pop("service")
            found.setdefault(group, {})[service] = row
        return found

    return sums


@settings(max_examples=8)
@given(samples=st.lists(_session(), min_size=1, max_size=8))
def test_the_score_of_a_place_is_the_mean_of_its_people_s_by_use(
    sums_by: Sums, samples: list[dict[str, Any]]
) -> None:
    for cell, of_place in sums_by(samples, "cell_id").items():
        there = [each for each in samples if each["cell_id"] == cell]
        total, used = 0.0, 0.0
        for sums in sums_by(there, "subscriber_id").values():
            use = sum(MODEL.services[name].importance * s["scored"] for name, s in sums.items())
            total, used = total + (score_of(MODEL, sums).cei or 0) * use, used + use
        place = score_of(MODEL, of_place)
        assert place.cei == (pytest.approx(total / used, abs=1e-9) if used else None)


@settings(max_examples=8)
@given(samples=st.lists(_session(), min_size=1, max_size=8), data=st.data())
def test_order_of_samples_and_split_of_windows_change_nothing(
    sums_by: Sums, samples: list[dict[str, Any]], data: st.DataObject
) -> None:
    """A whole is the sum of its hours, and of any two parts of its samples, exactly."""
    turned = data.draw(st.permutations(samples))
    hours = sums_by(samples, "at")
    assert sums_by(turned, "at") == hours
    cut = data.draw(st.integers(0, len(turned)))
    parts = [sums_by(part, "subscriber_id") for part in (turned[:cut], turned[cut:])]
    assert _whole(*parts) == _whole(hours)


def _whole(*parts: dict[Any, dict[str, dict[str, int]]]) -> dict[str, Counter[str]]:
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for groups in parts:
        for of_group in groups.values():
            for service, sums in of_group.items():
                found[service].update(sums)
    return found


def test_all_good_is_exactly_100(tmp_path: Path) -> None:
    """Every KPI of every service of sessions at its best: whole millions, in whole numbers."""
    numbers = [
        c for c in KINDS["sessions"].columns if c.unit or c.name in ("stalls", "frames_per_s")
    ]
    best = {
        c.name: 0.0 if c.unit in ("ms", "ratio") or c.name == "stalls" else 1e9 for c in numbers
    }
    services = [
        each.where["service"] for each in MODEL.services.values() if each.records == "sessions"
    ]
    rows = [
        dict.fromkeys(KEYS)
        | best
        | {"is_set_up": True, "is_dropped": False, "at": AT, "service": s}
        for s in services
    ]
    schema = pa.schema([(key, pa.int64() if key == "h3" else pa.string()) for key in KEYS])
    table = pa.Table.from_pylist(rows)
    for field in schema:
        table = table.set_column(
            table.schema.get_field_index(field.name), field, pa.nulls(len(rows), field.type)
        )
    engine = engines.connect(tmp_path)
    found = by_service(
        engine.to_pyarrow(summed(MODEL, "sessions", engine.create_table("t", table), ["service"]))
    )
    assert len(found) == len(services)
    for name, sums in found.items():
        score = score_of(MODEL, {name: sums})
        assert (score.cei, score.least, score.coverage) == pytest.approx((100, 100, 1), abs=1e-12)
        assert sum(sums[f"{slot.name}__contribution"] for slot in slots(MODEL)) == MILLION


@pytest.mark.filterwarnings("ignore")  # of pyspark, about what is its own
@pytest.mark.parametrize("kind", ["sessions", "calls", "touchpoints"])
def test_spark_computes_the_same_rows(kind: str, spark: BaseBackend, tmp_path: Path) -> None:
    """Row by row; where the engines' logarithms differ in the last bit, so may a millionth."""
    samples = random_samples(kind)
    local = engines.connect(tmp_path)
    wanted = _rows(local, scored(MODEL, kind, local.create_table("samples", samples)))
    pq.write_table(samples, tmp_path / "samples.parquet")
    table = engines.read_files(spark, [str(tmp_path / "samples.parquet")], "samples")
    found = _rows(spark, scored(MODEL, kind, table))
    assert len(found) == len(wanted) > 0
    differing = 0
    for mine, other in zip(wanted, found, strict=True):
        for name, value in mine.items():
            if other[name] != value:
                differing += 1
                assert abs(other[name] - value) <= 1, name
    assert differing < len(wanted) / 100


def _rows(engine: BaseBackend, table: ibis.Table) -> list[dict[str, Any]]:
    rows = engine.to_pyarrow(table.drop("at")).to_pylist()
    return sorted(
        rows,
        key=lambda row: str(sorted((k, v) for k, v in row.items() if k in KEYS or "value" in k)),
    )

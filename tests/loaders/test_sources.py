"""The bundled mappings on the real sets, or on rows in the layouts that their makers document.

Expected figures of real sets are from the sets' descriptions, or counted in the files with DuckDB's
reader or the shell (``cut``, ``sort``, ``uniq -c``).
"""

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.loaders.tables_of import KEY, Read, read


def _read(source: str, folder: Path, **files: str) -> Read:
    paths = []
    for name, content in files.items():
        paths.append(folder / f"{name}.csv")
        paths[-1].write_text(content)
    return read(source, paths, folder)


def _without_nulls(record: dict[str, object]) -> dict[str, object]:
    left_out = ("namespace", "file", "line", "load_id", "h3")  # not of the mapping
    return {k: v for k, v in record.items() if v is not None and k not in left_out}


def test_opencellid(shared_data: Path, tmp_path: Path) -> None:
    """1,996 cells: UMTS 964, LTE 669, GSM 363; ranges from 500 to 95,689 m."""
    result = read("opencellid", [shared_data / "opencellid_tartu" / "cells.csv"], tmp_path)
    cells = result.records["cells"]
    assert Counter(cell["technology"] for cell in cells) == {"3G": 964, "4G": 669, "2G": 363}
    assert result.rejected == []
    assert cells[0]["cell_id"] == "opencellid:248-1-7-196901"
    ranges = [cell["range_m"] for cell in cells]
    assert (min(ranges), max(ranges)) == (500, 95_689)  # type: ignore[type-var]  # all floats


def test_opencellid_s_full_export_with_and_without_a_header(tmp_path: Path) -> None:
    header = (
        "radio,mcc,net,area,cell,unit,lon,lat,range,samples,changeable,created,updated,"
        "averageSignal\n"
    )
    row = "LTE,248,1,7,196901,0,26.72,58.38,1000,7,1,1459813819,1459813819,0\n"
    (tmp_path / "248.csv").write_text(row)
    (tmp_path / "world.csv").write_text(header + row)
    result = read("opencellid", [tmp_path / "248.csv", tmp_path / "world.csv"], tmp_path)
    assert [file.table for file in result.staged.files] == ["export", "cells"]
    first, second = map(_without_nulls, result.records["cells"])
    assert first == second
    assert [cell["line"] for cell in result.records["cells"]] == [1, 2]


def test_poqemon(shared_data: Path, tmp_path: Path) -> None:
    """1,543 sessions of 181 users; MOS 1:93 2:118 3:246 4:784 5:302; 240 lines 67 times."""
    result = read("poqemon", [shared_data / "poqemon" / "pokemon.csv"], tmp_path)
    assert result.rejected == []
    surveys, sessions = result.records["surveys"], result.records["sessions"]
    assert Counter(survey["score"] for survey in surveys) == {1: 93, 2: 118, 3: 246, 4: 784, 5: 302}
    assert len({session["subscriber_id"] for session in sessions}) == 181
    assert [session["session_id"] for session in sessions] == [row["session_id"] for row in surveys]
    assert Counter(session["height_px"] for session in sessions)[240] == 67
    assert _without_nulls(sessions[0]) == {
        "subscriber_id": KEY.pseudonym("poqemon", "71"),
        "started_at": datetime(2015, 1, 1, tzinfo=UTC),
        "session_id": KEY.pseudonym("poqemon/session_id", "590"),
        "service": "video",
        "tac": "poqemon:HTC One X+",
        "technology": "3G",
        "media_bps": 528_392.94,
        "audio_bps": 43_800.0,
        "height_px": 360,
        "frames_per_s": 24.95,
        "stalls": 2,
        "stalled_ms": 683.0,
    }


def test_irish_5g(shared_data: Path, tmp_path: Path) -> None:
    """7,781 rows; 5G 4,367, LTE 2,790, the rest 624; Ireland is at UTC in winter."""
    paths = sorted((shared_data / "irish_5g").glob("*.csv"))
    result = read("irish-5g", paths, tmp_path)
    measured = result.records["measurements"]
    assert result.rejected == []
    assert Counter(row["technology"] for row in measured) == {"5G": 4367, "4G": 2790, "3G": 624}
    assert _without_nulls(measured[0]) == {
        "measured_at": datetime(2019, 12, 14, 10, 16, 30, tzinfo=UTC),
        "cell_id": "irish-5g:11016972",
        "lat_deg": 51.935604,
        "lon_deg": -8.388186,
        "technology": "5G",
        "speed_mps": 0,
        "rsrp_dbm": -99,
        "rsrq_db": -15,
        "sinr_db": 6,
        "rssi_dbm": -90,
        "cqi": 12,
        "down_bps": 7_000,
        "up_bps": 1_000,
    }


def test_milano(tmp_path: Path) -> None:
    """1383260400000 ms after 1970 is 2013-10-31 23:00 UTC, midnight of 1 November in Milan."""
    path = tmp_path / "sms-call-internet-mi-2013-11-01.txt"
    path.write_text(
        "1\t1383260400000\t0\t0.08136262351125882\t\t\t\t\n"
        "1\t1383260400000\t39\t0.14\t0.15\t0.16\t0.026\t11.02\n"
        "1\t1383260400000\t46\t\t\t\t\t\n"
    )
    result = read("milano", [path], tmp_path)
    counters = sorted(
        (row["line"], row["name"], row["about"], row["value"]) for row in result.records["counters"]
    )
    assert counters == [
        (1, "sms_in", "0", 0.08136262351125882),
        (2, "call_in", "39", 0.16),
        (2, "call_out", "39", 0.026),
        (2, "internet", "39", 11.02),
        (2, "sms_in", "39", 0.14),
        (2, "sms_out", "39", 0.15),
    ]
    first = result.records["counters"][0]
    assert first["started_at"] == datetime(2013, 10, 31, 23, tzinfo=UTC)
    assert (first["cell_id"], first["period_s"]) == ("milano:1", 600)
    assert result.faults == [(3, "sms_in", "value not foreseen")]


EVENT = (
    "id,outgoing,datetime,{}network,msisdn,msisdn_counterpart,location_id,imsi,imei,tac,"
    "operator_code,country_code\n"
)
CALLS = """c1,t,2016-01-01 00:01:35+00,1.5,,AAA,BBB,X1,,,,,
c1,f,2016-01-01 00:01:35+00,1.5,,BBB,AAA,Y1,,I7,35175605,,
c2,true,2016-01-01 01:00:00+01,0.5,,AAA,,X1,,,,,
c3,,2016-01-01 00:03:00+00,0.5,,AAA,BBB,X1,,,,,
c4,t,2016-01-01 00:04:00+00,,,AAA,BBB,X1,,,,,
c5,f,2016-01-01 00:05:00+00,1,,AAA,,,,,,,
"""


def test_flowkit_s_calls(tmp_path: Path) -> None:
    result = _read("flowkit", tmp_path, calls=EVENT.format("duration,") + CALLS)
    first, second = map(_without_nulls, result.records["calls"])
    ends = {
        "caller_id": KEY.pseudonym("flowkit", "AAA"),
        "callee_id": KEY.pseudonym("flowkit", "BBB"),
        "started_at": datetime(2016, 1, 1, 0, 1, 35, tzinfo=UTC),
        "duration_s": 90,
        "is_answered": True,
    }
    assert first == ends | {"caller_cell_id": "flowkit:X1"}
    assert second == ends | {"callee_cell_id": "flowkit:Y1"}
    (seen,) = result.records["locations"]
    assert _without_nulls(seen) == {
        "subscriber_id": KEY.pseudonym("flowkit", "AAA"),
        "seen_at": datetime(2016, 1, 1, tzinfo=UTC),
        "cell_id": "flowkit:X1",
        "event": "call",
    }
    (owned,) = result.records["ownerships"]
    assert (owned["tac"], owned["line"]) == ("flowkit:35175605", 3)
    assert result.faults == [
        (5, "outgoing", "value not foreseen"),
        (6, "duration", "an answered call has no duration"),
        (7, "location_id", "value not foreseen"),
    ]


def test_flowkit_s_other_layouts(tmp_path: Path) -> None:
    result = _read(
        "flowkit",
        tmp_path,
        sms=EVENT.format("") + "s1,f,2016-01-01 00:01:35+00,,BBB,AAA,Y1,,,,,\n",
        mds="id,datetime,duration,volume_total,volume_upload,volume_download,network,msisdn,"
        "location_id,imsi,imei,tac,operator_code,country_code\n"
        "m1,2016-01-01 00:01:35+00,0.25,3,1,2,,AAA,X1,,,35175605,,\n",
        topups="id,datetime,type,recharge_amount,airtime_fee,tax_and_fee,pre_event_balance,"
        "post_event_balance,msisdn,location_id,imsi,imei,tac,operator_code,country_code\n"
        ",2016-01-01 00:01:35+00,card,5.5,,,,,AAA,X1,,,,,\n",
        cells="id,version,site_id,azimuth,max_range,date_of_first_service,date_out_of_service,"
        "longitude,latitude\nX1,0,S,120,1500,2015-01-01,2016-01-01,26.7,58.3\n"
        "X1,1,S,90,1500,2016-01-01,,26.7,58.3\n",
    )
    assert result.rejected == []
    tables = [file.table for file in result.staged.files]
    assert tables == ["sms", "mds", "topups", "cells"]
    (message,) = result.records["messages"]
    assert message["sender_id"] == KEY.pseudonym("flowkit", "AAA")
    assert message["recipient_cell_id"] == "flowkit:Y1"
    (session,) = result.records["sessions"]
    volumes = (session["volume_up_bytes"], session["volume_down_bytes"], session["duration_s"])
    assert volumes == (1_000_000, 2_000_000, 15)
    (payment,) = result.records["payments"]
    assert (payment["amount_minor"], payment["channel"]) == (550, "card")
    before, after = result.records["cells"]
    assert before["valid_to"] == after["valid_from"] == datetime(2016, 1, 1, tzinfo=UTC)
    assert (before["azimuth_deg"], after["azimuth_deg"], after["valid_to"]) == (120, 90, None)


def test_cider(tmp_path: Path) -> None:
    """The rows are those of Cider's pages on its data formats."""
    result = _read(
        "cider",
        tmp_path,
        cdr="txn_type,caller_id,recipient_id,timestamp,duration,caller_antenna,recipient_antenna,"
        "international\ncall,jb9f3j,ad8b3b,2020-01-01 00:00:42,253.0,AJK3,KB3,domestic\n"
        "text,ad8b3b,bncz83,2020-02-12 10:12:08,,KB9,KB8,domestic\n"
        "text,oewf9ras,bncz83,2020-03-30 14:50:01,15.0,KB8,OI14,domestic\n"
        "call,bncz83,jb9f3j,2020-06-15 22:38:31,,OI12,AJK1,international\n",
        antennas="antenna_id,tower_id,latitude,longitude\nKB2,KB,5.1632,11.5091\nOI12,OI,,\n",
        mobiledata="caller_id,volume,timestamp\nioa032,50.12,2020-02-09 17:18:56\n",
        mobilemoney="txn_type,caller_id,recipient_id,timestamp,amount,sender_balance_before,"
        "sender_balance_after,recipient_balance_before,recipient_balance_after\n"
        "cashout,ad8b3b,,2020-02-12 10:12:08,195.0,200.5,5.5,,\n"
        "p2p,oewf9ras,bncz83,2020-03-30 14:50:01,2.4,100.0,97.6,78.1,80.5\n",
        recharges="caller_id,amount,timestamp\nioa032,96.05,2020-02-21 09:05:11\n",
    )
    assert [(file.table, file.rows_rejected) for file in result.staged.files] == [
        ("cdr", 1),
        ("antennas", 1),
        ("mobiledata", 0),
        ("mobilemoney", 0),
        ("recharges", 0),
    ]
    assert [reason for _, _, reason in result.faults] == [
        "an answered call has no duration",
        "lat_deg is missing",
    ]
    (call,) = result.records["calls"]
    assert (call["duration_s"], call["callee_cell_id"]) == (253, "cider:KB3")
    assert len(result.records["messages"]) == 2
    assert result.records["sessions"][0]["volume_down_bytes"] == 50_120_000
    payments = [(row["kind"], row["amount_minor"]) for row in result.records["payments"]]
    assert payments == [("p2p", 240), ("top_up", 9605)]
    assert [row["topic"] for row in result.records["touchpoints"]] == ["cashout"]


def test_bandicoot_s_recharges(shared_data: Path, tmp_path: Path) -> None:
    """Five rows: amounts 12, 4, 4, 2, the fourth without a retailer; the fifth has no amount."""
    folder = shared_data / "bandicoot" / "tests_samples" / "samples" / "manual" / "recharges"
    result = read("bandicoot", [folder / "A.csv"], tmp_path)
    payments = sorted(
        (payment["line"], payment["amount_minor"], payment["channel"])
        for payment in result.records["payments"]
    )
    assert payments == [(2, 1200, "1185"), (3, 400, "1185"), (4, 400, "1185"), (5, 200, None)]
    assert result.faults == [(6, "datetime, amount", "payment_id is missing")]
    assert {row["subscriber_id"] for row in result.records["payments"]} == {
        KEY.pseudonym("bandicoot", "A")
    }


@pytest.mark.parametrize("radio", ["", "WIFI"])
def test_an_unknown_technology_is_rejected_or_left_open(radio: str, tmp_path: Path) -> None:
    result = _read(
        "opencellid",
        tmp_path,
        cells="radio,mcc,net,area,cell,lon,lat,range,samples\n"
        f"{radio},248,1,7,1,26.7,58.3,1000,7\nGSM,248,1,7,2,26.7,58.3,1000,7\n",
    )
    assert [reason for _, _, reason in result.faults] == (
        ["technology has an unknown value"] if radio else []
    )

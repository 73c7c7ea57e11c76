"""OpenStack notifications: what each server's events prove."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from data_contracts.contract import load_contract
from data_contracts.rules import apply_rules, broken_column
from pipelines.formats import FORMATS
from pipelines.formats.base import Tally, Unreadable
from tests.conftest import REAL_DATA
from tests.formats.damage import survives
from tests.formats.reading import SAMPLES, read_path, rules

REAL = REAL_DATA / "openstack"
needs_data = pytest.mark.skipif(not REAL.is_dir(), reason=f"needs the real notifications in {REAL_DATA}")
SERVER = "0a6e1d3e-0000-4000-8000-000000000001"
DAY = "2026-03-01T"


def sent(kind: str, at: str, **payload: Any) -> dict[str, Any]:
    """A legacy notification of one server, made at a time of the first of March."""
    facts = {
        "instance_id": SERVER,
        "tenant_id": "physics",
        "instance_type": "m1",
        "vcpus": 2,
        "memory_mb": 4096,
    }
    return {
        "event_type": f"compute.instance.{kind}",
        "message_id": "m",
        "timestamp": DAY + at,
        "payload": facts | {"host": "cmp-1", "state": "active"} | payload,
    }


def exists(begin: str, end: str, at: str, launched: str, **payload: Any) -> dict[str, Any]:
    period = {"audit_period_beginning": DAY + begin, "audit_period_ending": DAY + end}
    return sent("exists", at, launched_at=DAY + launched, **period, **payload)


def read(folder: Path, events: list[dict[str, Any]], **options: str) -> tuple[pl.DataFrame, Tally]:
    path = folder / "events.json"
    path.write_text(json.dumps(events))
    return read_path("openstack_events", "instance_records", path, options)


def spans(rows: pl.DataFrame) -> list[tuple[str, str, str]]:
    ordered = rows.sort("interval_start").select("interval_start", "interval_end", "state")
    return [
        (f"{start:%H:%M:%S}", f"{end:%H:%M:%S}" if end else "", state) for start, end, state in ordered.rows()
    ]


def test_a_server_without_audits_is_one_stint(tmp_path: Path) -> None:
    created = sent("create.end", "08:00:01", launched_at=DAY + "08:00:00.9")
    rows, _ = read(tmp_path, [created])
    assert spans(rows) == [("08:00:00", "", "RUNNING")]
    deleted = sent("delete.end", "09:30:01", launched_at=DAY + "08:00:00", deleted_at=DAY + "09:30:00")
    rows, _ = read(tmp_path, [deleted])
    assert spans(rows) == [("08:00:00", "09:30:00", "DELETED")]
    rows, tally = read(tmp_path, [created, deleted])
    assert spans(rows) == [("08:00:00", "09:30:00", "DELETED")]
    assert tally.folded == 1


def test_a_resize_ends_one_stint_and_begins_another(tmp_path: Path) -> None:
    rows, _ = read(
        tmp_path,
        [
            sent("create.end", "08:00:01", launched_at=DAY + "08:00:00"),
            sent("finish_resize.end", "09:00:02", launched_at=DAY + "09:00:01", instance_type="m2", vcpus=4),
            sent("resize.confirm.end", "09:05:00", launched_at=DAY + "09:00:01", instance_type="m2", vcpus=4),
        ],
    )
    assert spans(rows) == [("08:00:00", "09:00:01", "RESIZED"), ("09:00:01", "", "RUNNING")]
    assert rows.sort("interval_start")["vcpus"].to_list() == ["2", "4"]


def test_shutting_off_ends_nothing_and_shelving_does(tmp_path: Path) -> None:
    launched = DAY + "08:00:00"
    rows, tally = read(
        tmp_path,
        [
            sent("create.end", "08:00:01", launched_at=launched),
            sent("power_off.end", "08:30:00", launched_at=launched, state="stopped"),
            sent("power_on.end", "08:40:00", launched_at=launched),
            sent("shelve.end", "09:00:00", launched_at=launched, state="shelved"),
            sent("shelve_offload.end", "09:00:20", launched_at=launched, state="shelved_offloaded"),
            sent("unshelve.end", "10:00:02", launched_at=DAY + "10:00:00"),
        ],
    )
    assert spans(rows) == [("08:00:00", "09:00:00", "SHELVED"), ("10:00:00", "", "RUNNING")]
    assert tally.folded == 4


def test_a_server_deleted_while_shelved_held_nothing(tmp_path: Path) -> None:
    rows, tally = read(
        tmp_path,
        [
            sent("delete.start", "09:00:00", launched_at=DAY + "01:00:00", state="shelved_offloaded"),
            sent("delete.end", "09:00:02", launched_at=DAY + "01:00:00", deleted_at=DAY + "09:00:01"),
        ],
    )
    assert rows.is_empty()
    assert tally.set_aside["delete.end of a shelved server"] == 1


def test_a_repeated_audit_is_one_row_and_the_last_counts(tmp_path: Path) -> None:
    once = exists("08:00:00", "09:00:00", "09:00:05", "07:00:00")
    again = exists(
        "08:00:00", "09:00:00", "09:30:00", "07:00:00", deleted_at=DAY + "08:20:00", state="deleted"
    )
    for events in ([once, again], [again, once], [again, once, once]):
        rows, _ = read(tmp_path, events)
        assert spans(rows) == [("08:00:00", "08:20:00", "DELETED")]


def test_lifecycle_events_count_nothing_twice_beside_audits(tmp_path: Path) -> None:
    rows, tally = read(
        tmp_path,
        [
            sent("create.end", "08:10:00.8", launched_at=DAY + "08:10:00.7"),
            exists("08:00:00", "09:00:00", "09:00:05", "08:10:00"),
            exists("09:00:00", "10:00:00", "10:00:05", "08:10:00"),
            sent("delete.end", "10:15:01", launched_at=DAY + "08:10:00", deleted_at=DAY + "10:15:00"),
        ],
    )
    assert spans(rows) == [
        ("08:10:00", "09:00:00", "RUNNING"),
        ("09:00:00", "10:00:00", "RUNNING"),
        ("10:00:00", "10:15:00", "DELETED"),
    ]
    assert tally.folded == 1


def test_an_end_within_an_audit_cuts_it(tmp_path: Path) -> None:
    audit = exists("08:00:00", "08:30:00", "08:30:00", "07:00:00")
    usual = exists("07:00:00", "08:00:00", "08:00:05", "07:00:00")
    deleted = sent("delete.end", "08:30:04", launched_at=DAY + "07:00:00", deleted_at=DAY + "08:30:03")
    rows, _ = read(tmp_path, [usual, audit, deleted], audit_period="hour")
    assert spans(rows) == [("07:00:00", "08:00:00", "RUNNING"), ("08:00:00", "08:30:03", "DELETED")]


def test_a_deletion_before_its_audit_takes_the_start_that_the_audit_will_have(tmp_path: Path) -> None:
    deleted = sent("delete.end", "10:15:01", launched_at=DAY + "01:00:00", deleted_at=DAY + "10:15:00")
    for period, start in (
        ("hour", "10:00:00"),
        ("day", "01:00:00"),
        ("none", "01:00:00"),
        ("month", "01:00:00"),
    ):
        rows, _ = read(tmp_path, [deleted], audit_period=period)
        assert spans(rows) == [(start, "10:15:00", "DELETED")]


def test_intervals_of_a_server_never_overlap(tmp_path: Path) -> None:
    daily = exists("00:00:00", "23:00:00", "23:30:00", "00:00:00")
    hourly = [
        exists(f"{hour:02}:00:00", f"{hour + 1:02}:00:00", f"{hour + 1:02}:00:05", "00:00:00")
        for hour in range(4)
    ]
    rows, _ = read(tmp_path, [daily, *hourly])
    ordered = rows.sort("interval_start")
    assert (ordered["interval_end"].head(3) <= ordered["interval_start"].tail(3)).all()


def test_missing_audits_are_counted(tmp_path: Path) -> None:
    first, third = (
        exists(f"{hour}:00:00", f"{hour + 1}:00:00", f"{hour + 1}:01:00", "08:00:00") for hour in (10, 12)
    )
    _, tally = read(tmp_path, [first, third])
    assert tally.labels == {"audits missing before the row": 1}


def test_accelerators_are_known_only_where_the_flavor_says(tmp_path: Path) -> None:
    def versioned(specs: dict[str, str] | None) -> dict[str, Any]:
        flavor = {"nova_object.data": {"name": "g", "vcpus": 4, "memory_mb": 1024, "extra_specs": specs}}
        data = {"uuid": SERVER, "launched_at": DAY + "08:00:00Z", "flavor": flavor, "state": "active"}
        payload = {"nova_object.data": data}
        return {
            "event_type": "instance.create.end",
            "timestamp": DAY + "08:00:01",
            "message_id": "v",
            "payload": payload,
        }

    def cards(specs: dict[str, str] | None, **options: str) -> list[tuple[str | None, str | None]]:
        rows, _ = read(tmp_path, [versioned(specs)], **options)
        return rows.select("accelerator_milli", "accelerator_model").rows()

    assert cards(None) == [(None, None)]
    assert cards({}) == [("0", None)]
    assert cards({"pci_passthrough:alias": "a100:2"}) == [(None, None)]
    assert cards({"pci_passthrough:alias": "a100:2"}, pci_aliases="a100=NVIDIA A100") == [
        ("2000", "NVIDIA A100")
    ]
    assert cards({"pci_passthrough:alias": "a100:1,nic:1"}, pci_aliases="a100=NVIDIA A100,nic=") == [
        ("1000", "NVIDIA A100")
    ]
    assert cards({"resources:VGPU": "1"}) == [(None, None)]


def test_what_cannot_be_read_is_flagged(tmp_path: Path) -> None:
    rows, _ = read(
        tmp_path,
        [
            exists("08:00:00", "08:00:00", "09:00:05", "07:00:00"),
            exists("08:00:00", "09:00:00", "09:00:05", "07:00:00", state="deleted"),
            sent("delete.end", "x", launched_at=DAY + "08:00:00", deleted_at="1e999"),
            sent("create.end", "09:00:00", launched_at="2026-02-30"),
        ],
    )
    assert rules(rows) == [
        ["record.audit_period"],
        ["interval_end.unknown"],
        ["record.time", "interval_end.unreadable"],
        ["interval_start.unreadable"],
    ]


def test_other_events_are_named_within_bounds(tmp_path: Path) -> None:
    events = [{"event_type": f"kind{number}.end", "message_id": "m"} for number in range(200)]
    rows, tally = read(tmp_path, events)
    assert rows.is_empty()
    assert len(tally.set_aside) == 41
    assert tally.set_aside["other events"] == 160


def test_names_that_are_no_text_are_still_counted(tmp_path: Path) -> None:
    _, tally = read(tmp_path, [{"event_type": "odd.\ud800.end", "message_id": "m"}])
    assert "".join(tally.set_aside).encode()


def test_a_name_stands_in_where_no_id_is_sent(tmp_path: Path) -> None:
    both = sent("create.end", "08:00:01", launched_at=DAY + "08:00:00", project_name="Physics")
    assert read(tmp_path, [both])[0]["account"].to_list() == ["physics"]
    assert read(tmp_path, [both], account="name")[0]["account"].to_list() == ["Physics"]
    del both["payload"]["tenant_id"]
    assert read(tmp_path, [both])[0]["account"].to_list() == ["Physics"]


def test_unknown_options_are_refused(tmp_path: Path) -> None:
    for options in ({"account": "label"}, {"audit_period": "week"}, {"pci_aliases": "a100"}):
        with pytest.raises(Unreadable):
            read(tmp_path, [], **options)


def test_damage_is_survived(tmp_path: Path) -> None:
    sample = SAMPLES / "openstack_events" / "sample.instance_records.jsonl"
    assert survives("openstack_events", "instance_records", sample, tmp_path) > 30


@needs_data
def test_real_events_give_their_control_totals() -> None:
    path = REAL / "events_2018-04-17_2018-04-23.json"
    assert FORMATS["openstack_events"].sniff(path.read_bytes()[:65536])
    rows, tally = read_path("openstack_events", "instance_records", path)
    held = rows["interval_end"] - rows["interval_start"]
    assert rows.height == 567
    assert rows["instance_id"].n_unique() == 47
    assert held.sum() == timedelta(seconds=1868560)
    assert (held.dt.total_seconds() * rows["vcpus"].cast(pl.Int64)).sum() == 2318634
    assert tally.records_read == 1636
    assert rows["state"].value_counts().sort("state").rows() == [
        ("DELETED", 43),
        ("RUNNING", 522),
        ("STOPPED", 2),
    ]


@needs_data
def test_real_awkward_sessions_are_accepted_or_refused_with_a_reason() -> None:
    path = REAL / "openstack_error_sessions.json"
    rows, tally = read_path("openstack_events", "instance_records", path)
    judged = apply_rules(rows, load_contract("instance_records"))
    assert broken_column(judged, load_contract("instance_records")).to_list() == ["", "row.end_after_start"]
    assert tally.set_aside["delete.end of a shelved server"] == 1

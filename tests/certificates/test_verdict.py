"""What makes a certificate green, amber and red."""

import random
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest

from data_contracts.contract import load_contract
from pipelines.certificates import Certificate, DeclaredTotal, DeliveryFacts, Verdict, certify
from pipelines.certificates.measures import duration
from pipelines.certificates.stored import SAMPLE_ROWS, Files
from pipelines.errors import WrongUse
from pipelines.home import Home
from tests.certificates.deliveries import JOBS, RECEIVED, SOURCE, deliver, job_rows, landing_id, write_rows


def certified(home: Path, *deliveries: DeliveryFacts, **more: object) -> Certificate:
    return certify(home, JOBS, SOURCE, deliveries, "day-1", **more)


def failed_names(certificate: Certificate) -> set[str]:
    return {check.expectation.name for check in certificate.failed}


def alter(home: Path, facts: DeliveryFacts, **values: object) -> DeliveryFacts:
    """Alters the 8th row of a delivery's bronze file by hand; the facts stay as recorded."""
    path = home / "bronze" / facts.files[0].path
    rows = pl.read_parquet(path, hive_partitioning=False)
    at = pl.int_range(pl.len()) == 7
    changed = [
        pl.when(at).then(pl.lit(value, rows.schema[name])).otherwise(pl.col(name)).alias(name)
        for name, value in values.items()
    ]
    rows.with_columns(changed).write_parquet(path)
    return facts


def test_clean_deliveries_are_green(tmp_path: Path) -> None:
    certificate = certified(tmp_path, deliver(tmp_path, 1), deliver(tmp_path, 2))
    assert certificate.verdict is Verdict.GREEN
    assert certificate.failed == ()
    assert certificate.rejected is None
    assert certificate.page == tmp_path / "outbox" / SOURCE / "certificates" / "job_records" / "day-1.html"
    assert certificate.page.exists()
    assert certificate.document.exists()


@pytest.mark.parametrize(
    ("values", "expectation", "shown"),
    [
        ({"elapsed_s": -5}, "elapsed_s.range", "-5"),
        ({"state": "ASLEEP"}, "state.code", "ASLEEP"),
        ({"job_id": None}, "job_id.required", "NULL"),
        ({"site_id": "NSCC ZZ"}, "site_id.pattern", "NSCC ZZ"),
        ({"cluster": "z" * 129}, "cluster.length", "z" * 129),
        ({"submit_time": RECEIVED.replace(year=1999)}, "submit_time.range", "1999-05-02 09:30:00+08:00"),
        ({"start_time": None}, "row.start_known", "start_time = NULL, elapsed_s = 3600"),
        ({"elapsed_s": None}, "row.elapsed_known", "elapsed_s = NULL, state = COMPLETED"),
    ],
)
def test_an_accepted_row_altered_against_the_contract_is_red(
    tmp_path: Path, values: dict[str, object], expectation: str, shown: str
) -> None:
    certificate = certified(tmp_path, alter(tmp_path, deliver(tmp_path), **values))
    assert certificate.verdict is Verdict.RED
    assert {expectation, "delivery.sha256"} <= failed_names(certificate)
    check = next(each for each in certificate.failed if each.expectation.name == expectation)
    assert (check.failed, check.error) == (1, None)
    example = check.examples[0]
    assert (example.landing_id, example.landing_row, example.value) == (landing_id(1), 9, shown)


def test_certified_again_after_an_alteration_the_same_certificate_turns_red(tmp_path: Path) -> None:
    facts = deliver(tmp_path)
    before = certified(tmp_path, facts)
    after = certified(tmp_path, alter(tmp_path, facts, cpu_cores=-1))
    assert (before.verdict, after.verdict, after.page) == (Verdict.GREEN, Verdict.RED, before.page)


def test_the_expectation_is_red_by_itself_without_the_hash(tmp_path: Path) -> None:
    facts = deliver(tmp_path, rows=job_rows(rows=60, elapsed_s=pl.int_range(60) - 1))
    assert failed_names(certified(tmp_path, facts)) == {"elapsed_s.range"}


def test_a_warning_rule_is_only_a_remark(tmp_path: Path) -> None:
    rows = job_rows().with_columns(end_time=pl.col("start_time") - pl.duration(minutes=30))
    certificate = certified(tmp_path, deliver(tmp_path, rows=rows))
    assert certificate.verdict is Verdict.AMBER
    assert failed_names(certificate) == {"row.end_after_start"}


def test_any_other_altered_byte_fails_the_recorded_sha256(tmp_path: Path) -> None:
    facts = deliver(tmp_path)
    path = tmp_path / "bronze" / facts.files[0].path
    sound = path.read_bytes()
    for position in (4, len(sound) // 2, len(sound) - 9):
        path.write_bytes(altered_at(sound, position))
        certificate = certified(tmp_path, facts)
        assert certificate.verdict is Verdict.RED
        assert "delivery.sha256" in failed_names(certificate)


def test_damaged_files_are_read_without_an_error(tmp_path: Path) -> None:
    facts = deliver(tmp_path, rejected=((5, "elapsed_s.type", "x"),))
    path = tmp_path / "bronze" / facts.files[0].path
    sound = path.read_bytes()
    found = set()
    with Files(Home(tmp_path)) as files:
        for position in random.Random(1).sample(range(len(sound)), 60):
            path.write_bytes(altered_at(sound, position)[: position * 9])
            reading, sample = files.read(JOBS, facts)
            assert reading.files[0].sha256 != facts.files[0].sha256
            found.add((reading.sound, sample.height))
    assert found == {(True, 40), (False, 0)}


def altered_at(content: bytes, position: int) -> bytes:
    return content[:position] + bytes([content[position] ^ 0x41]) + content[position + 1 :]


def test_a_home_whose_name_reads_as_a_pattern_is_read_all_the_same(tmp_path: Path) -> None:
    home = tmp_path / "a[b]*?"
    assert certified(home, deliver(home, rejected=((5, "elapsed_s.type", "x"),))).verdict is Verdict.AMBER


def test_a_missing_file_is_red(tmp_path: Path) -> None:
    facts = deliver(tmp_path)
    (tmp_path / "bronze" / facts.files[0].path).unlink()
    assert {"delivery.sha256", "delivery.files_sound"} <= failed_names(certified(tmp_path, facts))


def test_another_schema_is_red(tmp_path: Path) -> None:
    facts = deliver(tmp_path)
    path = tmp_path / "bronze" / facts.files[0].path
    pl.read_parquet(path).with_columns(pl.col("elapsed_s").cast(pl.Float64)).write_parquet(path)
    assert "delivery.files_sound" in failed_names(certified(tmp_path, facts))


def test_rejected_rows_are_a_remark(tmp_path: Path) -> None:
    certificate = certified(tmp_path, deliver(tmp_path, rejected=((5, "elapsed_s.type", "1|x"),)))
    assert certificate.verdict is Verdict.AMBER
    assert failed_names(certificate) == {"delivery.quarantined"}


def test_a_delivery_rejected_whole_is_red(tmp_path: Path) -> None:
    facts = deliver(tmp_path, rows=job_rows(rows=0), rejected=((0, "file.binary", "a.bin"),))
    certificate = certified(tmp_path, facts)
    assert certificate.verdict is Verdict.RED
    assert "delivery.share_accepted" in failed_names(certificate)


def test_an_empty_delivery_is_green(tmp_path: Path) -> None:
    certificate = certified(tmp_path, deliver(tmp_path, rows=job_rows(rows=0)))
    assert certificate.verdict is Verdict.GREEN


@pytest.mark.parametrize(
    ("counts", "expectation"),
    [
        ({"rows_in": 42}, "delivery.rows_unaccounted"),
        ({"accepted": 39, "duplicates": 1}, "delivery.bronze_rows_off"),
        ({"quarantined": 1, "rows_in": 41, "rules": {"a.b": 1}}, "delivery.quarantine_rows_off"),
        ({"rules": {"elapsed_s.type": 2}}, "delivery.rule_counts_off"),
    ],
)
def test_counts_that_do_not_add_up_are_red(
    tmp_path: Path, counts: dict[str, object], expectation: str
) -> None:
    certificate = certified(tmp_path, replace(deliver(tmp_path), **counts))
    assert certificate.verdict is Verdict.RED
    assert expectation in failed_names(certificate)


def test_lateness_and_events_after_receipt_are_remarks(tmp_path: Path) -> None:
    facts = deliver(tmp_path)
    late = replace(facts, due_at=facts.received_at - timedelta(minutes=90))
    certificate = certified(tmp_path, late)
    assert failed_names(certificate) == {"delivery.minutes_late"}
    assert certificate.failed[0].examples[0].value == "1 h 30 min"
    assert certified(tmp_path, replace(facts, due_at=facts.received_at)).verdict is Verdict.GREEN
    early = replace(facts, received_at=facts.received_at - timedelta(days=1))
    certificate = certified(tmp_path, early)
    assert certificate.verdict is Verdict.AMBER
    assert failed_names(certificate) == {"delivery.minutes_ahead"}


@pytest.mark.parametrize(
    ("minutes", "said"), [(0.5, "< 1 min"), (59, "59 min"), (1501, "1 d 1 h 1 min"), (1_440_000, "1,000 d")]
)
def test_durations_read_in_both_languages(minutes: float, said: str) -> None:
    assert duration(minutes) == said


def test_volume_and_drift_are_remarks_against_earlier_deliveries(tmp_path: Path) -> None:
    earlier = [tmp_path / "bronze" / deliver(tmp_path, n, job_rows(n, 400)).files[0].path for n in (1, 2, 3)]
    few = certified(tmp_path, deliver(tmp_path, 4, job_rows(4, 120)), earlier=earlier)
    assert (few.verdict, failed_names(few)) == (Verdict.AMBER, {"delivery.volume_ratio"})
    assert few.failed[0].examples[0].value == "120 (400)"
    empty = certified(tmp_path, deliver(tmp_path, 5, job_rows(5, 400, account=None)), earlier=earlier)
    assert (empty.verdict, failed_names(empty)) == (Verdict.AMBER, {"delivery.null_shift"})
    assert empty.failed[0].examples[0].value == "account +100%"
    assert certified(tmp_path, deliver(tmp_path, 6, job_rows(6, 400)), earlier=earlier).verdict == "green"
    assert certified(tmp_path, deliver(tmp_path, 7, job_rows(7, 1)), earlier=earlier[:2]).verdict == "green"


def test_declared_totals_that_differ_are_a_remark(tmp_path: Path) -> None:
    facts = replace(deliver(tmp_path), declared=(DeclaredTotal(date(2024, 5, 1), declared=41, found=40),))
    assert failed_names(certified(tmp_path, facts)) == {"delivery.declared_off"}


def test_a_large_delivery_is_sampled_with_a_bound_and_the_same_way_each_time(tmp_path: Path) -> None:
    facts = deliver(tmp_path, rows=job_rows(rows=SAMPLE_ROWS * 2))
    certificate = certified(tmp_path, facts)
    check = next(each for each in certificate.checks if each.expectation.name == "elapsed_s.range")
    assert check.looked_at == SAMPLE_ROWS
    first = certificate.page.read_bytes(), certificate.document.read_bytes()
    again = certified(tmp_path, facts)
    assert (again.page.read_bytes(), again.document.read_bytes()) == first


def test_decimals_are_held_exactly(tmp_path: Path) -> None:
    shares = load_contract("revenue_shares")
    columns = {
        "share_rule": "standard",
        "valid_from": date(2024, 1, 1),
        "provider_share": "0.700001",
        "operator_share": "0.200000",
        "network_operator_share": "0.100000",
        "provider_minimum": None,
        "operator_minimum": None,
        "source_id": "network-ops",
        "landing_id": landing_id(1),
        "landing_row": 2,
        "received_at": RECEIVED,
        "record_hash": "0" * 32,
    }
    schema = shares.polars_schema(system=True)
    rows = pl.DataFrame().select(
        pl.lit(columns[name]).cast(dtype).alias(name) for name, dtype in schema.items()
    )
    file = write_rows(tmp_path / "bronze" / "shares.parquet", rows, shares)
    facts = replace(deliver(tmp_path), files=(replace(file, path="shares.parquet"),), rows_in=1, accepted=1)
    certificate = certify(tmp_path, shares, "network-ops", [facts], "day-1")
    assert [(each.expectation.name, each.expectation.severity) for each in certificate.failed] == [
        ("row.shares_sum_to_one", Verdict.RED)
    ]


@pytest.mark.parametrize("key", ["", "../x", "a/b", ".hidden", "a b"])
def test_a_key_that_is_no_file_name_is_wrong_use(tmp_path: Path, key: str) -> None:
    with pytest.raises(WrongUse, match="cannot name a certificate"):
        certify(tmp_path, JOBS, SOURCE, [deliver(tmp_path)], key)


def test_no_deliveries_are_wrong_use(tmp_path: Path) -> None:
    with pytest.raises(WrongUse, match="no delivery"):
        certify(tmp_path, JOBS, SOURCE, [], "day-1")

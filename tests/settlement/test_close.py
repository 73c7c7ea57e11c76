"""A close: proposed by one, approved by another, in order, once; and what stands against it."""

import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import duckdb
import pytest

from pipelines import ledger
from pipelines.build import plan
from pipelines.closing.blockers import MATERIAL_FEN, blockers
from pipelines.closing.closing import Closed, Proposed
from pipelines.closing.recording import decide_incomplete, open_dispute, settle_dispute
from pipelines.errors import Finding, WrongUse
from pipelines.orchestrate import close_through
from pipelines.warehouse import Target, locked
from tests.core.conftest import HEADER, sacct_line
from tests.settlement.books import LINE_A, PERIOD, RECEIVED, Books, built

pytestmark = pytest.mark.slow

NOW = datetime(2026, 11, 5, tzinfo=UTC)
ROOT = Path(__file__).parents[2]
CLOSER = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from pipelines.home import Home
from pipelines.orchestrate import close_period
from pipelines.sites_config import load_sources
sources = load_sources()
print("ready", flush=True)
sys.stdin.readline()
outcome = close_period(Home(Path(sys.argv[1])), sources, "2026-10", *sys.argv[2:4], datetime.now(UTC))
print(outcome.new, outcome.pack_sha256)
"""


@pytest.fixture
def books(tmp_path: Path) -> Books:
    return built().copy(tmp_path)


def against(books: Books, period: str = PERIOD) -> list[str]:
    with locked(books.home):
        return blockers(plan(Target(books.home), books.sources), period)


def test_one_person_proposes_and_another_approves_and_both_are_recorded(books: Books) -> None:
    proposed = books.close("Li Ming", None)
    assert isinstance(proposed, Proposed)
    assert (proposed.by, proposed.gross_fen, proposed.cutoff[:19]) == (
        "Li Ming",
        106 + 1309,
        "2026-11-02T02:00:00",
    )
    assert not books.home.close_packs.exists()
    closed = books.close(None, "Wang Fang")
    assert isinstance(closed, Closed)
    proposal, close = ledger.entries(books.home)
    assert (proposal.kind, close.kind) == ("proposal", "close")
    assert close.body["proposal"] == proposal.hash
    assert (close.body["proposed_by"], close.body["approved_by"]) == ("Li Ming", "Wang Fang")


def test_both_names_in_one_call_are_recorded_as_two_acts(books: Books) -> None:
    books.close("Li Ming", "Wang Fang")
    assert books.kinds() == ["proposal", "close"]


def test_a_proposed_period_is_closing_until_it_is_approved(books: Books) -> None:
    def states() -> list[tuple[str, str | None]]:
        files = ledger.table_files(books.home, books.folder / "ledger")
        return duckdb.sql(f"select state, approved_by from '{files['closes'][0]}'").fetchall()

    books.close("Li Ming", None)
    assert states() == [("closing", None)]
    books.close(None, "Wang Fang")
    assert states() == [("closed", "Wang Fang")]


@pytest.mark.parametrize("name", ["Li Ming", "li  ming", " LIMING ", "Ｌｉ Ming"])
def test_nobody_approves_what_he_proposed_however_he_writes_his_name(books: Books, name: str) -> None:
    with pytest.raises(WrongUse, match="two people"):
        books.close("Li Ming", name)
    books.close("Li Ming", None)
    with pytest.raises(WrongUse, match="two people"):
        books.close(None, name)
    assert books.kinds() == ["proposal"]


def test_what_nobody_proposed_cannot_be_approved(books: Books) -> None:
    with pytest.raises(Finding, match="Nobody has proposed"):
        books.close(None, "Wang Fang")
    assert books.kinds() == []


def test_the_same_proposal_of_the_same_person_is_recorded_once(books: Books) -> None:
    books.close("Li Ming", None)
    again = books.close("li ming", None)
    assert not again.new
    books.close("Zhao Lei", None)
    assert books.kinds() == ["proposal", "proposal"]
    with pytest.raises(WrongUse, match="Zhao Lei"):
        books.close(None, "zhaolei")


def test_an_approval_is_refused_once_the_figures_are_others_than_proposed(books: Books) -> None:
    # line A: 106 fen become 107, and the charges with it: gross 14.15 → 14.16 元
    books.close("Li Ming", None)
    line = books.rows["statement_lines"][0]
    line |= {"net_fen": 101, "gross_fen": 107}
    books.build()
    with pytest.raises(Finding, match=r"14.15 → 14.16 元; changed: statement_lines.*proposed again"):
        books.close(None, "Wang Fang")
    assert books.kinds() == ["proposal"]
    books.close("Li Ming", None)
    assert isinstance(books.close(None, "Wang Fang"), Closed)


def test_news_that_changes_no_figure_of_the_period_does_not_undo_its_proposal(books: Books) -> None:
    books.close("Li Ming", None)
    later = RECEIVED + timedelta(days=1)
    books.deliver("more.psv", f"{HEADER}\n{sacct_line('9')}\n", "nscc-zz", "job_records", later)
    with pytest.raises(Finding, match="run `suanzhang materialize` first"):
        books.close(None, "Wang Fang")
    books.build()
    books.close(None, "Wang Fang")
    assert ledger.closes(books.home)[PERIOD]["cutoff"] == later.isoformat()


def test_closing_again_changes_no_byte_whoever_asks(books: Books) -> None:
    first = books.close("Li Ming", "Wang Fang")
    pack, chain = books.pack(), (books.home.ledger / "ledger.jsonl").read_bytes()
    again = books.close("somebody", "else")
    assert isinstance(first, Closed)
    assert isinstance(again, Closed)
    assert (again.new, again.pack_sha256) == (False, first.pack_sha256)
    assert (books.pack(), (books.home.ledger / "ledger.jsonl").read_bytes()) == (pack, chain)


def test_late_data_a_rebuild_and_a_lost_pack_leave_the_pack_as_it_was(books: Books) -> None:
    books.close("Li Ming", "Wang Fang")
    pack = books.pack()
    late = RECEIVED + timedelta(days=9)
    books.deliver("late.psv", f"{HEADER}\n{sacct_line('9')}\n", "nscc-zz", "job_records", late)
    books.rows["statement_lines"][0] |= {"net_fen": 999, "gross_fen": 1005}
    Target(books.home).remove()
    books.build()
    books.close("Li Ming", "Wang Fang")
    assert books.pack() == pack
    for path in [path for path in books.home.close_packs.rglob("*") if path.is_file()]:
        path.unlink()
    books.close("Li Ming", "Wang Fang")
    assert books.pack() == pack


def test_of_two_who_close_at_once_one_wins(books: Books) -> None:
    closers = [
        subprocess.Popen(
            [sys.executable, "-c", CLOSER, str(books.home.root), f"{name} proposes", f"{name} approves"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT,
        )
        for name in ("one", "two")
    ]  # fmt: skip
    for each in closers:
        assert each.stdout
        assert each.stdout.readline() == "ready\n"
    for each in closers:
        assert each.stdin
        each.stdin.write("go\n")
        each.stdin.flush()
    told = sorted(each.communicate(timeout=60)[0].split() for each in closers)
    assert [new for new, _ in told] == ["False", "True"]
    assert told[0][1] == told[1][1]
    assert books.kinds() == ["proposal", "close"]


def test_an_earlier_open_period_with_charges_is_closed_first(books: Books) -> None:
    september = dict(books.rows["charges"][0], charge_id="9" * 32, billing_period="2026-09", line_id="9" * 32)
    books.rows["charges"].append(september)
    books.rows["statement_lines"].append(
        dict(books.rows["statement_lines"][0], line_id="9" * 32, period="2026-09")
    )
    books.build()
    assert against(books) == ["2026-09 is open and has charges: close 2026-09 first."]
    with pytest.raises(Finding, match="close 2026-09 first"):
        books.close("Li Ming", "Wang Fang")
    assert against(books, "2026-09") == []
    close_through(books.home, books.sources, PERIOD, "Li Ming", "Wang Fang", NOW)
    assert list(ledger.closes(books.home)) == ["2026-09", PERIOD]


def test_a_feed_that_ends_before_the_period_blocks_its_close(books: Books) -> None:
    books.reached = datetime(2026, 10, 30, 4, tzinfo=UTC)
    books.build()
    assert against(books) == [
        "nscc-zz: job records reach only to 2026-10-30 04:00Z, not to the end of 2026-10."
    ]


def test_conflicting_records_block_a_close_and_those_of_another_month_do_not(books: Books) -> None:
    books.rows["conflicts"] = [{"record_hash": "c" * 32, "day": date(2026, 11, 1)}]
    books.build()
    assert against(books) == []
    books.rows["conflicts"].append({"record_hash": "d" * 32, "day": date(2026, 10, 31)})
    books.build()
    assert [sentence[:32] for sentence in against(books)] == ["1 records of 2026-10 contradict "]


def test_a_period_without_charges_cannot_be_closed(books: Books) -> None:
    assert against(books, "2026-08") == ["There is nothing to close in 2026-08: no charge was made."]


SKU = "sku_id,valid_from,site_id,compute_class,resource_kind,model,unit,tariff_id,tax_category,share_rule\n"


def test_days_that_are_not_what_was_declared_block_a_close_until_a_decision_accepts_them(
    books: Books,
) -> None:
    books.deliver(
        "skus.csv",
        f"{SKU}nscc-zz-cpu,2026-01-01,nscc-zz,super,cpu_core,,core-hour,std-2026,modern,own\n",
        "network-ops",
        "skus",
    )
    day = {"source_id": "nscc-zz", "dataset": "job_records", "declared": 9, "found": 8}
    books.rows["completeness_daily"] = [
        {**day, "day": date(2026, 10, 9), "status": "short"},
        {**day, "day": date(2026, 10, 8), "status": "undeclared"},
        {**day, "day": date(2026, 11, 1), "status": "short"},
        {**day, "day": date(2026, 10, 9), "status": "short", "source_id": "a-site-that-sells-nothing"},
        {**day, "day": date(2026, 10, 9), "status": "short", "dataset": "facility_readings"},
    ]
    books.build()
    assert against(books) == [
        "nscc-zz: job_records of 2026-10-09 short are not what it declared: it must send them, or "
        "`suanzhang decide incomplete 2026-10 nscc-zz job_records`."
    ]
    of = (PERIOD, "nscc-zz", "job_records")
    decide_incomplete(books.home, *of, "accepted", "Wang Fang", "one record is lost", NOW)
    books.build()
    assert against(books) == []
    decide_incomplete(books.home, *of, "refused", "Wang Fang", "it was found after all", NOW)
    books.build()
    assert len(against(books)) == 1


def test_an_open_material_dispute_blocks_the_close_and_a_small_or_settled_one_does_not(books: Books) -> None:
    books.publish()
    open_dispute(books.home, LINE_A, MATERIAL_FEN - 1, "Li Ming", "the job had failed", NOW)
    books.build()
    assert against(books) == []
    large = open_dispute(books.home, LINE_A, MATERIAL_FEN, "Li Ming", "the job had failed", NOW)
    name = large["dispute_id"]
    books.build()
    assert against(books) == [
        f"Dispute {name[:8]} over 100.00 元 of line aaaaaaaa is open: "
        f"settle it with `suanzhang dispute settle {name[:8]}`."
    ]
    settle_dispute(books.home, name, "rejected", "Wang Fang", "it ran", NOW)
    books.build()
    assert against(books) == []


def test_terms_that_cannot_be_billed_hold_up_the_close(books: Books) -> None:
    term = {"tenant_id": "t1", "contract_id": "sc-9", "contract_from": date(2026, 1, 1), "kind": "flat"}
    books.rows["unbilled_terms"] = [{"period": PERIOD, **term, "sku_id": "sku-9", "reason": "tariff_missing"}]
    books.build()
    with pytest.raises(
        Finding, match="Contract sc-9 cannot be billed to 1 tenants: tariff_missing of SKU sku-9"
    ):
        books.close("Li Ming", "Wang Fang")

"""What a page shows as it stands in a release: short tables, read whole by one SELECT, which the page shows as well."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Listed:
    """A table of a page that nothing is summed from: the published table it reads and its SELECT."""

    name: str
    table: str
    sql: str


SITES = Listed(
    "sites",
    "sites",
    "select site_id, name_en, name_zh, kind, region, city, province, operator from sites order by site_id",
)
SCORECARD = Listed(
    "scorecard",
    "target_scorecard",
    "select target_id, name_en, name_zh, scope_kind, scope_id, resource_kind, target_kind, comparison, target_value, "
    "unit, value, estimated_share, status, reason_en, reason_zh, stated_for, source from target_scorecard "
    "order by target_kind desc, target_id, scope_kind, scope_id, resource_kind",
)
CAPACITY = Listed(
    "capacity",
    "capacity_statement",
    "select site_id, region, compute_class, precision, pflops, racks_installed, racks_occupied, rack_rate "
    "from capacity_statement where as_of = (select max(as_of) from capacity_statement) "
    "order by site_id, compute_class, precision",
)
PUE = Listed(
    "pue",
    "pue_rolling",
    "select site_id, as_of, days_covered, days_estimated, pue, pue_category, quality from pue_rolling "
    "where as_of = (select max(as_of) from pue_rolling) order by site_id",
)
PERIODS = Listed(
    "periods",
    "periods",
    "select period, state, strftime(cutoff, '%Y-%m-%d %H:%M') as cutoff, proposed_by, approved_by, "
    "gross_fen / 100.0 as gross_yuan, late_fen / 100.0 as late_yuan from periods order by period",
)
POSITIONS = Listed(
    "positions",
    "settlement_positions",
    "select period, party_id, counterparty_id, receivable_fen / 100.0 as receivable_yuan, "
    "payable_fen / 100.0 as payable_yuan, net_fen / 100.0 as net_yuan from settlement_positions "
    "where party_id not in (select tenant_id from statement_lines) "
    "and counterparty_id not in (select tenant_id from statement_lines) "
    "order by period desc, party_id, counterparty_id",
)
PARTIES = Listed(
    "parties",
    "settlement_parties",
    "select party_id, name_en, name_zh from settlement_parties as known where valid_from = (select max(valid_from) "
    "from settlement_parties as other where other.party_id = known.party_id) order by party_id",
)
FOR_ALL = (SITES, SCORECARD, CAPACITY, PUE)
FOR_FINANCE = (*FOR_ALL, PERIODS, POSITIONS, PARTIES)

"""What a page holds of a release: one SELECT per table of its data, over the tables of a role and nothing else.

A cube is summed by the grain of the page (a day, or a week within its month), so that any choice of site, class and
period adds up in the page to what SQL says of the release. `$bucket` stands for the grain's first day as days since
1970. `dashboard/js/50_measures.js` says what is made of the columns.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

MONTHS_OF_HOURS = {"day": "strftime(timezone('Asia/Shanghai', hour), '%Y-%m')", "week": "null::varchar"}
"""Hours are summed by month where a page is by day; where it is by week, all months are one."""
GRAINS = {"day": "{day}", "week": "greatest(date_trunc('week', {day}), date_trunc('month', {day}))::date"}


@dataclass(frozen=True)
class Cube:
    """A table of a page: the published table that it reads, its SELECT, and the column that holds the day.

    `like` names columns that are mostly equal to one before them (`codec.columns`).
    """

    name: str
    table: str
    sql: str
    day: str = "day"
    like: Mapping[str, str] = field(default_factory=dict)

    def statement(self, grain: str) -> str:
        """The SELECT at a grain, `day` or `week`."""
        bucket = GRAINS[grain].format(day=self.day)
        days = f"datediff('day', date '1970-01-01', {bucket})"
        return self.sql.replace("$bucket", days).replace("$month", MONTHS_OF_HOURS[grain])


USE = Cube(
    "use",
    "utilisation_daily",
    """
    select site_id, region, compute_class, resource_kind, $bucket as day,
        sum(installed_unit_seconds)::bigint as installed, sum(down_unit_seconds)::bigint as down,
        sum(allocated_unit_seconds)::bigint as allocated,
        sum(active_unit_seconds)::bigint as active, sum(observed_unit_seconds)::bigint as observed,
        sum(estimated_unit_seconds)::bigint as estimated,
        sum(installed_unit_seconds) filter (where idle_unit_seconds is not null)::bigint as known_installed,
        sum(down_unit_seconds) filter (where idle_unit_seconds is not null)::bigint as known_down,
        sum(allocated_unit_seconds) filter (where idle_unit_seconds is not null)::bigint as known_allocated,
        sum(sellable_unit_seconds) filter (where idle_unit_seconds is not null)::bigint as known_sellable,
        sum(allocated_unit_seconds) filter (where idle_unit_seconds is not null and sellable_unit_seconds is not null)
            ::bigint as sellable_allocated,
        sum(reserved_unit_seconds) filter (where idle_unit_seconds is not null)::bigint as known_reserved,
        sum(allocated_unit_seconds) filter (where idle_unit_seconds is not null and reserved_unit_seconds is not null)
            ::bigint as reserved_allocated,
        count(*) as rows, count(idle_unit_seconds) as known_rows,
        (count(*) filter (where quality = 'estimated')) as estimated_rows,
        (count(*) filter (where quality = 'open')) as open_rows
    from utilisation_daily group by all order by all
    """,
    like={
        "known_installed": "installed",
        "known_down": "down",
        "known_allocated": "allocated",
        "sellable_allocated": "known_allocated",
        "reserved_allocated": "known_allocated",
        "known_rows": "rows",
    },
)
HOURS = Cube(
    "hours",
    "utilisation_hourly",
    """
    select site_id, region, compute_class, resource_kind, $month as month,
        isodow(timezone('Asia/Shanghai', hour))::int as weekday, hour(timezone('Asia/Shanghai', hour))::int as hour,
        sum(installed_unit_seconds)::bigint as known_installed, sum(allocated_unit_seconds)::bigint as known_allocated
    from utilisation_hourly where idle_unit_seconds is not null group by all order by all
    """,
)
ENERGY = Cube(
    "energy",
    "energy_daily",
    """
    select site_id, region, $bucket as day,
        sum(facility_wh)::bigint as facility, sum(it_wh)::bigint as it,
        sum(facility_wh) filter (where it_wh is not null)::bigint as known_facility,
        sum(it_wh) filter (where facility_wh is not null)::bigint as known_it,
        sum(green_wh) filter (where facility_wh is not null)::bigint as green,
        sum(facility_wh) filter (where green_wh is not null)::bigint as green_facility,
        sum(facility_estimated_wh)::bigint as estimated, sum(carbon_g)::bigint as carbon,
        count(*) as rows, (count(*) filter (where quality = 'estimated')) as estimated_rows,
        (count(*) filter (where quality = 'incomplete')) as incomplete_rows
    from energy_daily group by all order by all
    """,
    like={"known_facility": "facility", "known_it": "it", "green_facility": "facility"},
)
CIRCLES = Cube(
    "circles",
    "latency_circles_daily",
    """
    select from_site_id, to_site_id, circle_id, basis, circle_ms, $bucket as day,
        sum(probes)::bigint as probes, sum(measured)::bigint as measured, sum(lost_probes)::bigint as lost,
        sum(within)::bigint as within, max(p50_us) as p50, max(p95_us) as p95, max(p99_us) as p99,
        count(*) as days, count(met) as judged, (count(*) filter (where met)) as met
    from latency_circles_daily group by all order by all
    """,
)
QUEUE = Cube(
    "queue",
    "queue_daily",
    """
    select site_id, region, compute_class, $bucket as day,
        sum(jobs)::bigint as jobs, sum(waits)::bigint as waits, sum(wait_mean_s * waits)::bigint as waited,
        max(wait_p50_s) as p50, max(wait_p95_s) as p95, sum(contradictory)::bigint as contradictory,
        (count(*) filter (where quality = 'open')) as open_rows
    from queue_daily group by all order by all
    """,
)
ORDERS = Cube(
    "orders",
    "dispatch_daily",
    """
    select requested_class as compute_class, $bucket as day,
        sum(orders)::bigint as orders, sum(placed)::bigint as placed, sum(refused)::bigint as refused,
        sum(cancelled)::bigint as cancelled, sum(open_orders)::bigint as open_orders
    from dispatch_daily group by all order by all
    """,
)
SEGMENTS = Cube(
    "segments",
    "usage_by_segment",
    """
    select region, compute_class, resource_kind, segment, $bucket as day,
        sum(unit_seconds)::bigint as used, count(*) as cells, (count(*) filter (where suppressed)) as hidden
    from usage_by_segment group by all order by all
    """,
)
ARRIVALS = Cube(
    "arrivals",
    "data_quality_daily",
    """
    select source_id, $bucket as day,
        sum(deliveries)::bigint as deliveries, sum(rows_in)::bigint as rows_in, sum(accepted)::bigint as accepted,
        sum(quarantined)::bigint as quarantined, sum(duplicates)::bigint as duplicates, sum(late)::bigint as late
    from data_quality_daily group by all order by all
    """,
    "received_day",
)
DECLARED = Cube(
    "declared",
    "completeness_daily",
    """
    select source_id, $bucket as day,
        count(*) as feed_days, count(complete) as declared_days, (count(*) filter (where complete)) as complete_days
    from completeness_daily group by all order by all
    """,
)
FRESH = Cube(
    "fresh",
    "data_quality_daily",
    """
    select source_id, dataset, datediff('day', date '1970-01-01', max(received_day)) as last_day,
        sum(rows_in)::bigint as rows_in, sum(quarantined)::bigint as quarantined, sum(late)::bigint as late
    from data_quality_daily group by all order by all
    """,
)
GAPS = Cube(
    "gaps",
    "completeness_daily",
    """
    select source_id, dataset, datediff('day', date '1970-01-01', day) as day, status, declared, found
    from completeness_daily where status not in ('complete', 'undeclared')
    qualify row_number() over (partition by source_id order by day desc, dataset) <= 20
    order by source_id, day desc, dataset
    """,
)
EVIDENCE = Cube(
    "evidence",
    "lineage_summary",
    """
    select table_name, split_part(row_key, '|', 1) as owner, dataset, count(distinct content_sha256) as deliveries,
        sum(records)::bigint as records
    from lineage_summary where table_name in (
        'utilisation_daily', 'energy_daily', 'latency_circles_daily', 'queue_daily', 'capacity_statement')
    group by all order by all
    """,
)
ENERGY_HOURS = Cube(
    "energy_hours",
    "energy_hourly",
    """
    select site_id, region, hour(timezone('Asia/Shanghai', hour))::int as hour,
        sum(facility_wh)::bigint as facility, sum(green_wh) filter (where facility_wh is not null)::bigint as green,
        sum(facility_wh) filter (where green_wh is not null)::bigint as green_facility
    from energy_hourly group by all order by all
    """,
)
REASONS = Cube(
    "reasons",
    "quarantine_reasons",
    """
    select source_id, dataset, rules, reason_en, reason_zh, $bucket as day, sum(records)::bigint as records
    from quarantine_reasons group by all order by all
    """,
    "received_day",
)
FLOWS = Cube(
    "flows",
    "settlement_flows",
    """
    select period, segment, site_id, compute_class, role, party_id,
        sum(amount_fen)::bigint as amount, sum(correction_fen)::bigint as correction
    from settlement_flows group by all order by all
    """,
)
OWED = Cube(
    "owed",
    "statement_lines",
    """
    with newest as (
        select period from (
            select period, sum(count(*)) over (order by period desc) as lines from statement_lines group by period
        ) where lines <= 30000
    )
    select period, tenant_id, site_id, sku_id, line_kind, count(*) as lines,
        sum(net_fen)::bigint as net, sum(tax_fen)::bigint as tax, sum(gross_fen)::bigint as gross
    from statement_lines where period in (select period from newest) group by all order by all
    """,
)
MONTHS = Cube(
    "months",
    "statement_lines",
    """
    select period, site_id, line_kind, count(*) as lines, sum(gross_fen)::bigint as gross
    from statement_lines group by all order by all
    """,
)
VOUCHERS = Cube(
    "vouchers",
    "voucher_redemptions",
    """
    select period, tenant_id, programme_id, issuer_party_id, site_id, limited_by, count(*) as lines,
        sum(gross_fen)::bigint as gross, sum(redeemed_fen)::bigint as redeemed
    from voucher_redemptions group by all order by all
    """,
)
BRIDGE = Cube(
    "bridge",
    "adjustments",
    """
    select charge_period, period, tenant_id, site_id, sum(opening_fen)::bigint as opening,
        sum(adjustment_fen)::bigint as adjustment, sum(closing_fen)::bigint as closing, count(*) as rows
    from adjustments group by all order by all
    """,
)
AGES = Cube(
    "ages",
    "receivables",
    """
    select period, ageing, status, count(*) as debts, sum(due_fen)::bigint as due,
        sum(paid_fen)::bigint as paid, sum(outstanding_fen)::bigint as outstanding
    from receivables where due_fen > 0 and counterparty_id in (select party_id from statement_lines)
    group by period, ageing, status order by all
    """,
)
FOR_ALL = (
    USE,
    HOURS,
    ENERGY,
    ENERGY_HOURS,
    CIRCLES,
    QUEUE,
    ORDERS,
    SEGMENTS,
    ARRIVALS,
    DECLARED,
    FRESH,
    GAPS,
    REASONS,
)
"""What both pages hold."""
FOR_REGULATORS = (*FOR_ALL, EVIDENCE)
FOR_FINANCE = (*FOR_ALL, FLOWS, OWED, MONTHS, VOUCHERS, BRIDGE, AGES)

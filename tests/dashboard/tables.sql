-- The tables of a made-up release by formula: {sites}, {days}, {hours} and {tenants} are filled in; each `-- name` begins a table.

-- sites
select site_id, 'Site ' || site_id as name_en, '节点' || site_id as name_zh, 'ai_centre' as kind, region, 'henan' as province, 'x' as operator, 'party-' || site_id as provider_party, 'party-op' as operator_party from places

-- utilisation_daily
select site_id, region, day, compute_class, resource_kind, 'all' as model, installed_unit_seconds,
    down as down_unit_seconds, allocated as allocated_unit_seconds,
    case when unknown then null else installed_unit_seconds - down - allocated end as idle_unit_seconds,
    case when resource_kind = 'accelerator' then allocated // 3 end as active_unit_seconds,
    installed_unit_seconds * 9 // 10 as sellable_unit_seconds, null::bigint as reserved_unit_seconds,
    case when estimated then allocated // 7 else 0 end as estimated_unit_seconds,
    case when resource_kind = 'accelerator' then allocated // 2 else 0 end as observed_unit_seconds,
    installed_unit_seconds / per as installed_hours, allocated / per as allocated_hours,
    case when not unknown then (installed_unit_seconds - down - allocated) / per end as idle_hours, down / per as down_hours,
    case when resource_kind = 'accelerator' then (allocated // 3) / per end as active_hours,
    'sampled' as active_quality,
    case when unknown then 'usage_unknown' when estimated then 'estimated' else 'measured' end as quality
from (
    select *, units * 86400 as installed_unit_seconds, made_up((site_id, day, compute_class, 1), units * 86400 // 50) as down,
        made_up((site_id, day, resource_kind, 2), units * 86400 * 8 // 10) as allocated,
        made_up((site_id, day, 3), 40) = 0 as unknown, made_up((site_id, day, 4), 25) = 0 as estimated,
        case resource_kind when 'accelerator' then 3600000 else 3600 end as per
    from pools, days)

-- utilisation_hourly
select site_id, region, hour, compute_class, resource_kind, 'all' as model, installed_unit_seconds,
    down as down_unit_seconds, allocated as allocated_unit_seconds,
    case when unknown then null else installed_unit_seconds - down - allocated end as idle_unit_seconds,
    case when resource_kind = 'accelerator' then allocated // 3 end as active_unit_seconds,
    installed_unit_seconds * 9 // 10 as sellable_unit_seconds, null::bigint as reserved_unit_seconds,
    case when estimated then allocated // 7 else 0 end as estimated_unit_seconds,
    case when resource_kind = 'accelerator' then allocated // 2 else 0 end as observed_unit_seconds,
    installed_unit_seconds / per as installed_hours, allocated / per as allocated_hours,
    case when not unknown then (installed_unit_seconds - down - allocated) / per end as idle_hours, down / per as down_hours,
    case when resource_kind = 'accelerator' then (allocated // 3) / per end as active_hours,
    'sampled' as active_quality,
    case when unknown then 'usage_unknown' when estimated then 'estimated' else 'measured' end as quality
from (
    select *, units * 3600 as installed_unit_seconds, made_up((site_id, hour, compute_class, 1), units * 3600 // 50) as down,
        made_up((site_id, hour, resource_kind, 2), units * 3600 * 8 // 10) as allocated,
        made_up((site_id, hour, 3), 40) = 0 as unknown, made_up((site_id, hour, 4), 25) = 0 as estimated,
        case resource_kind when 'accelerator' then 3600000 else 3600 end as per
    from pools, (select day + interval (h) hour as hour from days, range(24) as t(h) where number <= {hours}))

-- energy_daily
select site_id, region, day, case when quality <> 'incomplete' then it * 5 // 4 end as facility_wh,
    case when quality <> 'incomplete' or n = 1 then it end as it_wh, case when quality = 'estimated' then it // 9 else 0 end as facility_estimated_wh,
    0 as it_estimated_wh, case when quality <> 'incomplete' then it // 3 end as green_wh, it * 400 as carbon_g, quality
from (select *, 1000000 + made_up((site_id, day), 9000000) as it,
    case made_up((site_id, day, 1), 20) when 0 then 'incomplete' when 1 then 'estimated' else 'measured' end as quality from places, days)

-- energy_hourly
select site_id, region, day + interval (h) hour as hour, it * 5 // 4 as facility_wh, it as it_wh, it // 3 as green_wh, 'measured' as quality
from (select *, 40000 + made_up((site_id, day, h), 90000) as it from places, days, range(24) as t(h) where days.number <= {hours})

-- latency_circles_daily
select 'nscc-zz' as from_site_id, site_id as to_site_id, day, circle_id, basis, circle_ms, 144 as probes, 140 as measured, 4 as lost_probes,
    1440 as sent, 1400 as received, p95 // 2 as p50_us, p95 as p95_us, p95 + 200 as p99_us, 130 + made_up((site_id, day), 10) as within,
    0 as too_fast, case when judged then p95 <= circle_ms * 1000 end as met, case when not judged then 'too_few' end as undecided, 'measured' as quality
from (select *, case region when 'hami' then 20 when 'qingyang' then 5 else 1 end as circle_ms,
    case region when 'hami' then 'zhengzhou-hami' when 'qingyang' then 'zhengzhou-qingyang' else 'within-city' end as circle_id,
    case when n % 2 = 0 then 'one_way' else 'round_trip_half' end as basis, made_up((site_id, day, 5), 9) > 0 as judged,
    made_up((site_id, day, 6), 1100) * case region when 'hami' then 20 when 'qingyang' then 5 else 1 end as p95
    from places, days where n between 1 and 12)

-- queue_daily
select site_id, region, day, compute_class, 20 + made_up((site_id, day), 80) as jobs, 20 as waits, 0 as from_submit, 0 as contradictory,
    made_up((site_id, day, 7), 600) as wait_p50_s, 600 + made_up((site_id, day, 8), 9000) as wait_p95_s, made_up((site_id, day, 9), 2000) as wait_mean_s,
    0 as ended, 'measured' as quality from pools, days where resource_kind = 'cpu_core'

-- dispatch_daily
select day, 'intelligent' as requested_class, 9 as orders, 7 as placed, 1 as refused, 1 as cancelled, 0 as open_orders, 7 as placed_with_home, 1 as away, 7 as started, 5 as ended, 'measured' as quality from days

-- usage_by_segment
select day, region, compute_class, resource_kind, segment, case when not hidden then used end as unit_seconds,
    case when not hidden then used / case resource_kind when 'accelerator' then 3600000 else 3600 end end as usage_hours, hidden as suppressed
from (select *, made_up((day, region, segment, compute_class), 9000000) as used, segment = 'household' or made_up((day, segment), 5) = 0 as hidden
    from days, (select distinct region from places), (values ('intelligent', 'accelerator'), ('super', 'cpu_core')) as kinds(compute_class, resource_kind),
    (values ('park'), ('enterprise'), ('campus'), ('household')) as segments(segment))

-- data_quality_daily
select site_id as source_id, site_id, dataset, day as received_day, 2 as deliveries, 100 + made_up((site_id, day, dataset), 50) as rows_in,
    98 + made_up((site_id, day, dataset), 50) as accepted, 1 as quarantined, 1 as duplicates, 0 as set_aside, made_up((site_id, day), 2) as late
from places, days, (values ('job_records'), ('facility_readings')) as d(dataset)

-- completeness_daily
select site_id as source_id, 'job_records' as dataset, day, 100 as declared, case when short then 90 else 100 end as found,
    not short as complete, case when short then 'short' else 'complete' end as status
from (select *, made_up((site_id, day, 'c'), 9) = 0 as short from places, days)

-- quarantine_reasons
select site_id as source_id, 'job_records' as dataset, day as received_day, 'state.code' as rules, 'The state is not in the code list.' as reason_en, '作业状态不在代码表内。' as reason_zh, 1 as records from places, days

-- target_scorecard
select target_id, 'site' as scope_kind, site_id as scope_id, 'none' as resource_kind, 'utilisation' as indicator, 'rule' as target_kind,
    'Utilisation <script>alert(1)</script>' as name_en, '利用率' as name_zh, 'lt' as comparison, 0.5 as target_value, '1' as unit, 0.25 as value,
    'flagged' as status, 'x' as source from places, (values ('low-utilisation-rule')) as t(target_id) where n < 6

-- capacity_statement
select site_id, region, date '2026-01-02' as as_of, compute_class, 'fp16' as precision, 12.5 as pflops, 'x' as basis from pools where resource_kind = 'cpu_core'

-- pue_rolling
select site_id, region, date '2026-01-02' as as_of, 10 as days_covered, 1 as days_estimated, 10 as facility_wh, 8 as it_wh, 1.25 as pue, 2 as pue_category, 'interim' as quality from places

-- lineage_summary
select 'utilisation_daily' as table_name, site_id || '|' || day || '|intelligent' as row_key, region, 'job_records' as dataset, sha256(site_id || day) as content_sha256, 7 as records from places, days where days.number <= 9

-- statement_lines
select sha256(site_id || tenant || kind) as line_id, period, tenant as party_id, 'party-network' as counterparty_id, tenant as tenant_id, site_id,
    'sku-' || site_id as sku_id, '1' as tariff_version, kind as line_kind, 60000 as tax_rate_ppm, period as charge_period, 'standard' as share_rule,
    date '2026-01-01' as share_valid_from, gross - gross // 10 as net_fen, gross // 10 as tax_fen, gross as gross_fen
from (select *, 1 + made_up((site_id, tenant), 90000000) as gross from places, (values {tenants}) as t(tenant), (values ('2026-01'), ('2026-02')) as p(period),
    (values ('sale'), ('sla_credit')) as k(kind) where n < 8)

-- settlement_flows
select period, segment, site_id, 'intelligent' as compute_class, 'sale' as line_kind, role, case role when 'tax' then 'party-tax' else 'party-' || site_id end as party_id,
    made_up((site_id, segment, role, period), 90000000) as amount_fen, 0 as correction_fen
from places, (values ('park'), ('enterprise')) as s(segment), (values ('provider'), ('tax')) as r(role), (values ('2026-01'), ('2026-02')) as p(period) where n < 8

-- voucher_redemptions
select 'v' || n as voucher_id, 'l' || n as line_id, '2026-01' as period, 'programme-a' as programme_id, 'party-issuer' as issuer_party_id,
    'zhengda-physics-lab' as tenant_id, site_id, 'sku' as sku_id, 900 as gross_fen, 300000 as share_ppm, 270 as redeemed_fen, 0 as cap_left_fen, 0 as budget_left_fen,
    'cap' as limited_by from places where n < 5

-- adjustments
select '2026-01' as charge_period, 'zhengda-physics-lab' as tenant_id, site_id, 'sku' as sku_id, '2026-02' as period, 'open' as state,
    1000 as opening_fen, 50 - n * 30 as adjustment_fen, 1050 - n * 30 as closing_fen from places where n < 5

-- periods
select period, state, 1 as gross_fen, 0 as late_fen from (values ('2026-01', 'closed'), ('2026-02', 'open')) as p(period, state)

-- receivables
select 'party-network' as party_id, tenant as counterparty_id, '2026-01' as period, 'closed' as state, 900 as due_fen, 100 as paid_fen, 800 as outstanding_fen, 'current' as ageing, 'open' as status from (values {tenants}) as t(tenant)

-- settlement_positions
select 'party-network' as party_id, 'party-' || site_id as counterparty_id, '2026-01' as period, 5 as receivable_fen, 12 as payable_fen, -7 as net_fen from places where n < 4

-- How well a site served in a month, by metric, in whole numbers: of probes of the paths that touch it those within the
-- circle, or of its installed unit-seconds those without unplanned outage, of the kind of resource that was least
-- available. Only what is known is a row: probes faster than light tell nothing, and neither does an availability where
-- capacity or an outage is unknown, in conflict or beyond the pool.
with probes as (
    {%- for site in ['from_site_id', 'to_site_id'] %}
    select
        {{ site }} as site_id,
        {{ month_start('day') }} as first_day,
        within,
        measured + lost_probes as judged,
        probes
    from {{ ref('latency_circles_daily') }}
    where
        undecided is distinct from 'faster_than_light'
        and measured + lost_probes > 0
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

installed as (
    select
        site_id,
        {{ month_start('day') }} as first_day,
        resource_kind,
        {{ sum_if_all_known('installed_unit_seconds') }} as installed_unit_seconds,
        count(*) as evidence_rows
    from {{ ref('utilisation_daily') }}
    where resource_kind in ('cpu_core', 'accelerator')
    group by site_id, {{ month_start('day') }}, resource_kind
),

down as (
    select
        site_id,
        {{ month_start('day') }} as first_day,
        resource_kind,
        bool_or(unplanned_unit_seconds is null or quality in ('conflict', 'exceeds_pool')) as is_unknown,
        cast(sum(unplanned_unit_seconds) as bigint) as unplanned_unit_seconds,
        count(*) as evidence_rows
    from {{ ref('downtime_daily') }}
    group by site_id, {{ month_start('day') }}, resource_kind
),

unsure as (
    select
        site_id,
        first_day
    from installed
    where coalesce(installed_unit_seconds, 0) = 0
    union
    select
        site_id,
        first_day
    from down
    where is_unknown
),

kinds as (
    select
        installed.site_id,
        installed.first_day,
        installed.resource_kind,
        installed.installed_unit_seconds - coalesce(down.unplanned_unit_seconds, 0) as good,
        installed.installed_unit_seconds as total,
        installed.evidence_rows + coalesce(down.evidence_rows, 0) as evidence_rows
    from installed
    left join down
        on
            installed.site_id = down.site_id
            and installed.first_day = down.first_day
            and installed.resource_kind = down.resource_kind
    left join unsure
        on
            installed.site_id = unsure.site_id
            and installed.first_day = unsure.first_day
    where unsure.site_id is null
),

ranked as (
    select
        kinds.*,
        row_number() over (
            partition by kinds.site_id, kinds.first_day
            order by {{ half_up_div(exact_product('kinds.good', '1000000000'), 'kinds.total') }}, kinds.resource_kind
        ) as place
    from kinds
)

select
    site_id,
    first_day,
    'latency_circle' as metric,
    cast(sum(within) as bigint) as good,
    cast(sum(judged) as bigint) as total,
    cast(null as string) as worst_kind,
    count(*) as evidence_rows,
    cast(sum(probes) as bigint) as probes
from probes
group by site_id, first_day
union all
select
    site_id,
    first_day,
    'availability' as metric,
    good,
    total,
    resource_kind as worst_kind,
    evidence_rows,
    cast(null as bigint) as probes
from ranked
where place = 1

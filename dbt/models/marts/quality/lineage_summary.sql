-- How many records of each delivery stand behind a published row, without the records: for regulators. Segments of
-- usage_by_segment are left out of its key, because the number of a cell's records would tell of who is behind it.
{{ config(materialized='view') }}
with evidence as (
    select
        table_name,
        row_key,
        landing_id
    from {{ ref('lineage') }}
    where table_name not in ('charges', 'unknown_usage')
    union all
    select
        'usage_by_segment' as table_name,
        cast(lines.day as string) || '|' || sites.region || '|' || lines.compute_class || '|' || lines.resource_kind
            as row_key,
        lines.landing_id
    from {{ ref('int_usage_days') }} as lines
    inner join {{ source('inputs', 'sites') }} as sites
        on lines.site_id = sites.site_id
    where not lines.is_conflict
)

select
    evidence.table_name,
    evidence.row_key,
    sites.region,
    landings.dataset,
    landings.content_sha256,
    count(*) as records
from evidence
inner join {{ source('inputs', 'landings') }} as landings
    on evidence.landing_id = landings.landing_id
left join {{ source('inputs', 'sites') }} as sites
    on landings.source_id = sites.source_id
group by
    evidence.table_name,
    evidence.row_key,
    sites.region,
    landings.dataset,
    landings.content_sha256

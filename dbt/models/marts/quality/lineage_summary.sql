-- How many records of each delivery stand behind a published row, without the records: for regulators. Segments of
-- usage_by_segment are left out of its key, because the number of a cell's records would tell of who is behind it. Records
-- are counted before they are joined, once for its tests and the release: lineage has millions of rows. A record has one
-- line of a day and kind, but where price windows divide it: only those have to be told apart.
with segment_usage as (
    select
        day,
        site_id,
        compute_class,
        resource_kind,
        landing_id,
        count(case when price_window = '00-24' then record_hash end)
        + count(distinct case when price_window <> '00-24' then record_hash end) as records
    from {{ ref('int_usage_days') }}
    where not is_conflict
    group by day, site_id, compute_class, resource_kind, landing_id
),

evidence as (
    select
        table_name,
        row_key,
        landing_id,
        count(*) as records
    from {{ ref('lineage') }}
    where table_name not in ('charges', 'unknown_usage')
    group by table_name, row_key, landing_id
    union all
    select
        'usage_by_segment' as table_name,
        cast(lines.day as string) || '|' || sites.region || '|' || lines.compute_class || '|' || lines.resource_kind
            as row_key,
        lines.landing_id,
        lines.records
    from segment_usage as lines
    inner join {{ source('inputs', 'sites') }} as sites
        on lines.site_id = sites.site_id
)

select
    evidence.table_name,
    evidence.row_key,
    sites.region,
    landings.dataset,
    landings.content_sha256,
    cast(sum(evidence.records) as bigint) as records
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

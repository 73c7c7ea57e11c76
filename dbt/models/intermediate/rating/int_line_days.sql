-- What each line carried and was promised on each business day: one row of traffic per record, its bytes in and out on
-- the day on which its interval began, and one row of bandwidth per day, the record with the greatest commitment of the
-- day. A record that says only one direction, or no commitment, has no quantity of it: NULL is unknown, not zero.
{{ day_fact() }}
{%- set line_day = business_day('interval_start') %}
with versions as (
    select
        *,
        {{ line_day }} as day
    from {{ ref('stg_network_usage') }}
    where {{ is_changed_day(line_day) }}
),

records as (
    {{ current_rows('versions', natural_keys()['network_usage']) }}
),

committed as (
    select
        *,
        row_number() over (
            partition by line_id, day, site_id, case when is_conflict then record_hash end
            order by committed_mbps desc, interval_start asc
        ) as place
    from records
    where committed_mbps is not null
)

select
    record_hash,
    landing_id,
    landing_row,
    site_id,
    account,
    day,
    'traffic' as resource_kind,
    line_id as model,
    bytes_in + bytes_out as quantity,
    is_conflict
from records
union all
select
    record_hash,
    landing_id,
    landing_row,
    site_id,
    account,
    day,
    'bandwidth' as resource_kind,
    line_id as model,
    committed_mbps as quantity,
    is_conflict
from committed
where place = 1

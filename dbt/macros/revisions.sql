{# What counts: rows of effective landings, and the newest knowledge of each natural key among them. #}

{# The rows of a bronze dataset whose landings are effective, with the time since when they count. A build as known at
   an instant does not see the rows that a later replay released. #}
{% macro effective_rows(dataset) -%}
select
    records.*,
    landings.known_at
from {{ source('bronze', dataset) }} as records
inner join {{ source('inputs', 'landings') }} as landings
    on records.landing_id = landings.landing_id
cross join {{ source('inputs', 'build') }} as build
where
    landings.effective
    and (build.known_at is null or records.received_at <= build.known_at)
{%- endmacro %}

{# The rows of `relation` (with known_at, record_hash, landing_id, landing_row) that stand at the top of their key:
   highest `rank` expression, if given, then newest known_at; equal payloads fold into the smallest (landing_id,
   landing_row). More than one payload left is a conflict: all of them are returned, with is_conflict true.
   Most keys have one row; only the others are sorted. #}
{% macro current_rows(relation, key, rank=none) -%}
{%- set keys = columns_sql(key) -%}
with contested as (
    select {{ keys }}
    from {{ relation }}
    group by {{ keys }}
    having count(*) > 1
),

newest as (
    select versions.*
    from {{ relation }} as versions
    inner join contested
        on {{ columns_equal(key, 'versions', 'contested') }}
    qualify rank() over (
        partition by {{ columns_sql(key, 'versions.') }}
        order by {% if rank %}versions.{{ rank }} desc, {% endif %}versions.known_at desc
    ) = 1
),

folded as (
    select *
    from newest
    qualify row_number() over (partition by {{ keys }}, record_hash order by landing_id, landing_row) = 1
)

select
    versions.*,
    false as is_conflict
from {{ relation }} as versions
left join contested
    on {{ columns_equal(key, 'versions', 'contested') }}
where contested.{{ adapter.quote(key[0]) }} is null
union all
select
    folded.*,
    count(*) over (partition by {{ keys }}) > 1 as is_conflict
from folded
{%- endmacro %}

{# One row, first_day: the earliest business day from which the changed landings of a dated reference dataset change
   anything; NULL if nothing. A key is unchanged when the landings that did not change already said the same of it,
   and no landing that stopped counting said otherwise. #}
{% macro reference_changed_since(dataset, key) -%}
{%- set keys = columns_sql(key) -%}
select min(since) as first_day
from (
    select
        min(first_day) as since,
        min(case when known_at = new_top then record_hash end) as new_low,
        max(case when known_at = new_top then record_hash end) as new_high,
        min(case when known_at = old_top and not is_changed then record_hash end) as old_low,
        max(case when known_at = old_top and not is_changed then record_hash end) as old_high,
        min(case when is_changed and known_at is null then record_hash end) as gone_low,
        max(case when is_changed and known_at is null then record_hash end) as gone_high
    from (
        select
            *,
            max(known_at) over (partition by {{ keys }}) as new_top,
            max(case when not is_changed then known_at end) over (partition by {{ keys }}) as old_top,
            bool_or(is_changed) over (partition by {{ keys }}) as is_touched
        from (
            select
                {{ columns_sql(key, 'records.') }},
                {{ reference_day(dataset) }} as first_day,
                records.record_hash,
                case when landings.effective then landings.known_at end as known_at,
                changed.landing_id is not null as is_changed
            from {{ source('bronze', dataset) }} as records
            inner join {{ source('inputs', 'landings') }} as landings
                on records.landing_id = landings.landing_id
            left join {{ source('inputs', 'changed_landings') }} as changed
                on records.landing_id = changed.landing_id
        ) as versions
    ) as tops
    where is_touched
    group by {{ keys }}
) as revised_keys
where
    new_low is distinct from old_low
    or new_high is distinct from old_high
    or (gone_low is not null and (gone_low is distinct from new_low or gone_high is distinct from new_high))
{%- endmacro %}

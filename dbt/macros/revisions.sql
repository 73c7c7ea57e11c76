{# What counts: rows of effective landings, and the newest knowledge of each natural key among them. #}

{# The rows of a bronze dataset whose landings are effective, with the time when they were known. #}
{% macro effective_rows(dataset) -%}
select
    records.*,
    landings.known_at
from {{ source('bronze', dataset) }} as records
inner join {{ source('inputs', 'landings') }} as landings
    on records.landing_id = landings.landing_id
where landings.effective
{%- endmacro %}

{# The rows of `relation` (with known_at, record_hash, landing_id, landing_row) that stand at the top of their key:
   highest `rank` expression, if given, then newest known_at; equal payloads fold into the smallest (landing_id,
   landing_row). More than one payload left is a conflict: all are returned, with is_conflict true. #}
{% macro current_rows(relation, key, rank=none) -%}
{%- set keys = key | join(', ') -%}
select
    folded.*,
    count(*) over (partition by {{ keys }}) > 1 as is_conflict
from (
    select *
    from (
        select *
        from {{ relation }}
        qualify rank() over (
            partition by {{ keys }}
            order by {% if rank %}{{ rank }} desc, {% endif %}known_at desc
        ) = 1
    ) as newest
    qualify row_number() over (partition by {{ keys }}, record_hash order by landing_id, landing_row) = 1
) as folded
{%- endmacro %}

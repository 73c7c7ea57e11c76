{# What counts: rows of effective landings, and the newest knowledge of each natural key among them. #}

{# The natural key of a row of a dated reference dataset, as one text. #}
{% macro reference_key_text(dataset) -%}
{%- set parts = columns_sql(natural_keys()[dataset]).split(', ') -%}
{%- if dataset == 'capacity_inventory' -%}
{{ joined_text(parts[:-1] + [epoch_micros('valid_from')]) }}
{%- else -%}
{{ joined_text(parts) }}
{%- endif -%}
{%- endmacro %}

{# The rows of a bronze dataset that count, with the time since when they do. #}
{% macro effective_rows(dataset) -%}
{{ effective_rows_of(source('bronze', dataset)) }}
{%- endmacro %}

{# The rows of a relation over bronze whose landings are effective, with known_at. A build as known at an instant does
   not see the rows that a later replay released. #}
{% macro effective_rows_of(relation) -%}
select
    records.*,
    landings.known_at
from {{ relation }} as records
inner join {{ source('inputs', 'landings') }} as landings
    on records.landing_id = landings.landing_id
cross join {{ source('inputs', 'build') }} as build
where
    landings.effective
    and (build.known_at is null or records.received_at <= build.known_at)
{%- endmacro %}

{# Slurm's words for a job's state → 0 pending, 1 running, 2 ended. #}
{% macro job_state_rank(state) -%}
case when {{ state }} = 'PENDING' then 0 when {{ state }} in ('RUNNING', 'SUSPENDED') then 1 else 2 end
{%- endmacro %}

{# The business day from which a row of a dated reference dataset holds. #}
{% macro reference_day(dataset) -%}
{{ business_day('valid_from') if dataset == 'capacity_inventory' else 'valid_from' }}
{%- endmacro %}

{# The rows of `relation` (with known_at, record_hash, landing_id, landing_row) that stand at the top of their key:
   highest `rank` expression, if given, then newest known_at; equal payloads fold into the smallest (landing_id,
   landing_row). More than one payload left is a conflict: all of them are returned, with is_conflict true.
   Most keys have one row; only those that share a hash are sorted. #}
{% macro current_rows(relation, key, rank=none) -%}
{%- set keys = columns_sql(key) -%}
with contested as (
    select {{ key_hash(key) }} as key_hash
    from {{ relation }}
    group by {{ key_hash(key) }}
    having count(*) > 1
),

newest as (
    select versions.*
    from {{ relation }} as versions
    inner join contested
        on {{ key_hash(key, 'versions.') }} = contested.key_hash
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
    on {{ key_hash(key, 'versions.') }} = contested.key_hash
where contested.key_hash is null
union all
select
    folded.*,
    count(*) over (partition by {{ keys }}) > 1 as is_conflict
from folded
{%- endmacro %}

-- One row: the first and the last business day that any usage touches, of holdings and of what is sold besides, sold or
-- not; and the last day that was measured: a provider's bill may charge days ahead. NULL while nothing ran.
with days as (
    select
        {{ day_of_epoch('min(start_s)') }} as first_day,
        {{ day_of_epoch('max(until_s - 1)') }} as last_day,
        true as is_measured
    from {{ ref('int_holdings') }}
    {%- for relation, instant in [
        ('stg_storage_records', 'observed_at'), ('stg_network_usage', 'interval_start')
    ] %}
    union all
    select
        {{ business_day('min(' ~ instant ~ ')') }} as first_day,
        {{ business_day('max(' ~ instant ~ ')') }} as last_day,
        true as is_measured
    from {{ ref(relation) }}
    {%- endfor %}
    union all
    select
        min({{ bill_day() }}) as first_day,
        max({{ bill_day() }}) as last_day,
        false as is_measured
    from {{ ref('stg_cloud_charges') }}
)

select
    min(first_day) as first_day,
    max(last_day) as last_day,
    max(case when is_measured then last_day end) as measured_to
from days

-- Usage lines that somebody owes, of cores and cards and of what else is sold, in the units of their charges: computing
-- power that is priced itself is milli-card-seconds times the model's dense peak in GFLOPS.
{{ config(materialized='view') }}
{%- for relation in ['int_metered_usage', 'int_sold_usage'] %}
select
    record_hash,
    landing_id,
    landing_row,
    day,
    tenant_id,
    site_id,
    sku_id,
    price_window,
    qos,
    start_s,
    quantity * coalesce(peak_gflops, 1) as quantity
from {{ ref(relation) }}
where reason is null
{{ 'union all' if not loop.last }}
{%- endfor %}

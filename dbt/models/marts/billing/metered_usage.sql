-- Every usage line with its tenant and SKU, or the reason why it is nobody's: open periods as known now, closed ones as
-- they were frozen. A view: the rows stand in int_metered_usage, in int_sold_usage and in the ledger.
{{ config(materialized='view') }}
{%- for relation in ['int_metered_usage', 'int_sold_usage'] %}
select
    {{ period_of_day('lines.day') }} as period,
    lines.day,
    lines.tenant_id,
    lines.site_id,
    lines.sku_id,
    lines.price_window as {{ quote_window() }},
    lines.quantity,
    {{ quantity_unit('lines.resource_kind') }} as unit,
    lines.record_hash,
    lines.account,
    lines.compute_class,
    lines.resource_kind,
    lines.model,
    lines.is_open as {{ adapter.quote('open') }},
    lines.reason,
    lines.nested_quantity,
    lines.qos
from {{ ref(relation) }} as lines
where not {{ is_closed(period_of_day('lines.day')) }}
union all
{%- endfor %}
select {{ columns_sql(settlement_columns()['metered_usage'], 'frozen.') }}
from {{ source('ledger', 'closed_metered_usage') }} as frozen

{# Units in which things are sold and counted, windows of the day, and what a price is multiplied by. #}

{# The unit of a usage line's quantity. #}
{% macro quantity_unit(resource_kind) -%}
(case {{ resource_kind }}
    when 'cpu_core' then 'core-second'
    when 'accelerator' then 'milli-card-second'
    when 'slice' then 'slice-second'
    when 'instance' then 'instance-second'
    when 'storage' then 'byte-day'
    when 'traffic' then 'byte'
    when 'bandwidth' then 'Mbps-day'
    when 'cloud' then 'micro-CNY'
    when 'cloud_cost' then 'micro-CNY'
    when 'resale' then 'nano-unit'
end)
{%- endmacro %}

{# The unit of a charge's quantity: that of the usage, but where computing power itself is priced. #}
{% macro charged_unit(resource_kind, price_unit) -%}
(case {{ price_unit }} when 'PFLOPS-hour' then 'GFLOPS-milli-second' else {{ quantity_unit(resource_kind) }} end)
{%- endmacro %}

{# How much of a quantity is one unit of the price, a BIGINT; of what is sold by the month, in a month of `month_days`. #}
{% macro quantity_per_unit(price_unit, month_days) -%}
(case {{ price_unit }}
    when 'core-hour' then 3600
    when 'card-hour' then 3600000
    when 'slice-hour' then 3600
    when 'instance-hour' then 3600
    when 'PFLOPS-hour' then 3600000000000
    when 'GB-month' then cast(1000000000 as bigint) * {{ month_days }}
    when 'GB' then 1000000000
    when 'Mbps-month' then {{ month_days }}
    when 'CNY' then 1000000
    when 'unit' then 1000000000
    when 'month' then 1
end)
{%- endmacro %}

{# Workday, restday or holiday: what the calendar says of the day, else what its weekday is. #}
{% macro day_kind(named, day) -%}
coalesce({{ named }}, case when {{ day_of_week(day) }} < 5 then 'workday' else 'restday' end)
{%- endmacro %}

{# Which kind of day a price window is for: what stands before its hours; NULL: any. #}
{% macro window_kind(price_window) -%}
nullif(substr({{ price_window }}, 1, greatest(length({{ price_window }}) - 6, 0)), '')
{%- endmacro %}

{# A price window's first second of the day, and the second at which it ends. #}
{% macro window_start(price_window) -%}
cast(substr({{ price_window }}, length({{ price_window }}) - 4, 2) as int) * 3600
{%- endmacro %}

{% macro window_end(price_window) -%}
cast(substr({{ price_window }}, length({{ price_window }}) - 1, 2) as int) * 3600
{%- endmacro %}

{# A price in micro-yuan times factors in parts per million, rounded half up to a micro-yuan: prices have 6 decimals. #}
{% macro multiplied_price(price, factors_ppm) -%}
{%- set product = namespace(sql=price, divisor=1) -%}
{%- for factor in factors_ppm -%}
{%- set product.sql = exact_product(product.sql, factor) -%}
{%- set product.divisor = product.divisor * 1000000 -%}
{%- endfor -%}
{{ half_up_div(product.sql, product.divisor) }}
{%- endmacro %}

{# What a quantity costs at a price for so much of it, half up to the micro-yuan. #}
{% macro cost_of(price, quantity, quantity_per_unit) -%}
{{ half_up_div(exact_product(price, quantity), quantity_per_unit) }}
{%- endmacro %}

{# The tax of an amount, half up to the micro-yuan: part of it where it is `included`, on top of it else. #}
{% macro tax_of(amount, rate_ppm, included) -%}
{{ half_up_div(
    exact_product(amount, rate_ppm), 'case when ' ~ included ~ ' then 1000000 + ' ~ rate_ppm ~ ' else 1000000 end'
) }}
{%- endmacro %}

{# A piece of covered usage that one band's price holds for as a whole: from `pieces` and `rates`. #}
{% macro whole_piece() -%}
pieces.day,
pieces.tenant_id,
pieces.sku_id,
pieces.price_window,
pieces.qos,
pieces.coverage,
pieces.contract_id,
pieces.contract_from,
pieces.line_from,
pieces.line_to,
pieces.term_from,
pieces.term_to,
rates.band_from,
rates.unit_price_micro_yuan
{%- endmacro %}

{# Joins the `skus` that fit usage: named of_ what they are particular to, the model and, where told apart, the QOS. #}
{% macro join_fitting_skus(fits, usage, by_qos=false) -%}
{%- for fit in fits %}
left join skus as {{ fit }}
    on
        {{ usage }}.day = {{ fit }}.day
        and {{ usage }}.site_id = {{ fit }}.site_id
        and {{ usage }}.compute_class = {{ fit }}.compute_class
        and {{ usage }}.resource_kind = {{ fit }}.resource_kind
        and {{ fit }}.model {{ '= ' ~ usage ~ '.model' if 'model' in fit else 'is null' }}
        {%- if by_qos %}
        and {{ fit }}.qos {{ '= ' ~ usage ~ '.qos' if 'qos' in fit else 'is null' }}
        {%- endif %}
{%- endfor %}
{%- endmacro %}

{# A column, which may be NULL, of the first of the joined SKUs that is there. #}
{% macro of_fitting_sku(fits, column) -%}
case
    {%- for fit in fits %}
    when {{ fit }}.sku_id is not null then {{ fit }}.{{ column }}
    {%- endfor %}
end
{%- endmacro %}

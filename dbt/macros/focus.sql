{# What the FOCUS views share: exact decimals of integers, units and identifiers as FOCUS spells them. #}

{# numerator ÷ denominator as DECIMAL(38,18), half up: the whole part and the fraction each through the one division, so
   that neither leaves its type. Both are columns, not expressions: they are written many times. #}
{% macro exact_ratio(numerator, denominator) -%}
{%- set rest = '(cast(' ~ numerator ~ ' as decimal(38, 0)) % cast(' ~ denominator ~ ' as decimal(38, 0)))' -%}
cast(
    cast({{ half_up_div('(' ~ numerator ~ ' - ' ~ rest ~ ')', denominator) }} as decimal(19, 0))
    + cast(
        cast({{ half_up_div(exact_product(rest, '1000000000000000000'), denominator) }} as decimal(19, 0))
        * cast(0.000000000000000001 as decimal(18, 18)) as decimal(19, 18)
    ) as decimal(38, 18)
)
{%- endmacro %}

{# Micro-yuan, a BIGINT → yuan, DECIMAL(38,6). #}
{% macro yuan(micro_yuan) -%}
cast(cast({{ micro_yuan }} as decimal(19, 0)) * cast(0.000001 as decimal(6, 6)) as decimal(38, 6))
{%- endmacro %}

{# The unit of the price of what is counted in the unit of a charge. #}
{% macro priced_unit(unit) -%}
(case {{ unit }}
    when 'core-second' then 'core-hour'
    when 'milli-card-second' then 'card-hour'
    when 'slice-second' then 'slice-hour'
    when 'GFLOPS-milli-second' then 'PFLOPS-hour'
    when 'instance-second' then 'instance-hour'
    when 'byte-day' then 'GB-month'
    when 'byte' then 'GB'
    when 'Mbps-day' then 'Mbps-month'
    when 'micro-CNY' then 'CNY'
    when 'nano-unit' then 'unit'
end)
{%- endmacro %}

{# A unit as the unit format of FOCUS spells it. #}
{% macro focus_unit(unit) -%}
(case {{ unit }}
    when 'core-hour' then 'Core-Hours'
    when 'card-hour' then 'Card-Hours'
    when 'slice-hour' then 'Slice-Hours'
    when 'PFLOPS-hour' then 'PFLOPS-Hours'
    when 'instance-hour' then 'Instance-Hours'
    when 'GB-month' then 'GB-Months'
    when 'Mbps-month' then 'Mbps-Months'
    when 'month' then 'Months'
    when 'core-second' then 'Core-Seconds'
    when 'milli-card-second' then 'Milli-Card-Seconds'
    when 'slice-second' then 'Slice-Seconds'
    when 'GFLOPS-milli-second' then 'GFLOPS-Milli-Seconds'
    when 'instance-second' then 'Instance-Seconds'
    when 'byte-day' then 'Byte-Days'
    when 'byte' then 'Bytes'
    when 'Mbps-day' then 'Mbps-Days'
    when 'micro-CNY' then 'Micro-CNY'
    when 'unit' then 'Units'
    when 'nano-unit' then 'Nano-Units'
    else {{ unit }}
end)
{%- endmacro %}

{# The invoice of a tenant and period; corrections of each month before have one of their own. #}
{% macro focus_invoice_id(period, tenant_id, charge_class, charge_month) -%}
{{ period }} || '/' || {{ tenant_id }} || case when {{ charge_class }} = 'Correction' then '/' || {{ charge_month }} else '' end
{%- endmacro %}

{# The line of an invoice: what a statement line holds of one charge category. #}
{% macro focus_invoice_detail_id(line_id, charge_category) -%}
{{ sha_id(["'invoice detail'", line_id, charge_category]) }}
{%- endmacro %}

{# What settlement states once: terms of payment, ageing, accounts, tolerances of reconciliation. #}

{# Days after the end of a period in which what is owed for it is to be paid, where no contract says otherwise. #}
{% macro payment_days() -%}
30
{%- endmacro %}

{# First and last day of a billing period YYYY-MM: DATEs. #}
{% macro first_day_of(period) -%}
cast({{ period }} || '-01' as date)
{%- endmacro %}

{% macro last_day_of(period) -%}
last_day({{ first_day_of(period) }})
{%- endmacro %}

{# Whole days from one DATE to another, a BIGINT. #}
{% macro age_in_days(from_day, to_day) -%}
cast({{ days_between(from_day, to_day) }} as bigint)
{%- endmacro %}

{# How long an amount is overdue. #}
{% macro ageing_of(days_since_due) -%}
case
    when {{ days_since_due }} <= 0 then 'current'
    when {{ days_since_due }} <= 30 then 'days_1_30'
    when {{ days_since_due }} <= 60 then 'days_31_60'
    when {{ days_since_due }} <= 90 then 'days_61_90'
    else 'over_90_days'
end
{%- endmacro %}

{# The accounts that hold what a party owes or is owed; the others are the network operator's own. #}
{% macro is_party_account(account) -%}
{{ account }} in ('1122', '2202', '2221')
{%- endmacro %}

{# Parts per million by which two totals may differ and still pass. #}
{% macro tolerance_ppm() -%}
1000
{%- endmacro %}

{# What a comparison comes to: `difference` between what is compared, `base` what it is measured against, and whether
   a part of either is unknown. Decimals are compared by products, never divided. #}
{% macro reconciliation_status(difference, base, is_partial) -%}
case
    when {{ difference }} is null then 'unknown'
    when abs({{ difference }}) > abs({{ base }}) * {{ tolerance_share() }} then 'open'
    when {{ is_partial }} then 'unknown'
    when {{ difference }} = 0 then 'matched'
    else 'within_tolerance'
end
{%- endmacro %}

{# The tolerance as an exact share. #}
{% macro tolerance_share() -%}
{{ "%.6f" % (tolerance_ppm() | int / 1000000) }}
{%- endmacro %}

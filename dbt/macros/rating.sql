{# What rating and settlement share: micro-yuan, dated rows, the keys of charges and lines, and what is closed. #}

{# A decimal with at most 6 places → BIGINT millionths: yuan → micro-yuan, a share or tax rate → ppm. Exact. #}
{% macro micro(amount) -%}
cast(cast({{ amount }} as decimal(25, 6)) * 1000000 as bigint)
{%- endmacro %}

{# The rows of `relation` with `valid_until`: the day on which the next row of the key begins; NULL for the last. #}
{% macro dated(relation, key) -%}
select
    rows_of_key.*,
    lead(rows_of_key.valid_from) over (
        partition by {{ key | join(', ') }} order by rows_of_key.valid_from
    ) as valid_until
from {{ relation }} as rows_of_key
{%- endmacro %}

{# Whether a row of `dated` is the newest of its key that began by the day. #}
{% macro in_force(day, alias) -%}
{{ alias }}.valid_from <= {{ day }} and ({{ day }} < {{ alias }}.valid_until or {{ alias }}.valid_until is null)
{%- endmacro %}

{# The columns that name a statement line; charges with equal values share the line. #}
{% macro line_key() -%}
billing_period, tenant_id, site_id, sku_id, tariff_id, tariff_version, tax_rate_ppm, charge_class, charge_month, share_rule, share_valid_from
{%- endmacro %}

{# Whether a period's figures are frozen in the ledger. #}
{% macro is_closed(period) -%}
{{ period }} in (select closed.period from {{ ref('int_closed_periods') }} as closed)
{%- endmacro %}

{# The unit of a usage line's quantity. #}
{% macro quantity_unit(resource_kind) -%}
(case {{ resource_kind }} when 'accelerator' then 'milli-card-second' else 'core-second' end)
{%- endmacro %}

{# First instant of a billing period YYYY-MM, and of the one after it: TIMESTAMPs. #}
{% macro period_start(period) -%}
{{ timestamp_of_epoch(epoch_of_day("cast(" ~ period ~ " || '-01' as date)")) }}
{%- endmacro %}

{% macro period_end(period) -%}
{{ timestamp_of_epoch(epoch_of_day(add_days("last_day(cast(" ~ period ~ " || '-01' as date))", '1'))) }}
{%- endmacro %}

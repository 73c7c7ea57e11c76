-- All statement lines as known now, in fen: who owes the network's operator what for which period.
{{ config(materialized='view') }}
{%- set kinds = ['int_sale_lines', 'int_voucher_lines', 'int_correction_lines'] %}
{%- for kind in kinds %}
select * from {{ ref(kind) }}
{{ 'union all' if not loop.last }}
{%- endfor %}

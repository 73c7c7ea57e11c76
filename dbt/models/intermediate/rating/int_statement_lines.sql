-- All statement lines as known now, in fen: who owes the network's operator what for which period.
{{ config(materialized='view') }}
select * from {{ ref('int_sale_lines') }}
union all
select * from {{ ref('int_voucher_lines') }}

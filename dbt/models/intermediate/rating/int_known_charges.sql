-- Every charge as known now, of every month: what was sold and credited, and what vouchers paid of it.
{{ config(materialized='view') }}
select * from {{ ref('int_charges') }}
union all
select * from {{ ref('int_charges_vouchers') }}

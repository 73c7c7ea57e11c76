-- The newest knowledge of each of vouchers: its highest revision. Where two statements of that revision contradict each
-- other, none counts; int_conflicts lists them.
{{ config(materialized='view') }}
with revisions as (
    {{ current_rows(ref('stg_vouchers'), natural_keys()['vouchers']) }}
),

newest as (
    select
        *,
        max(revision) over (partition by voucher_id) as newest_revision
    from revisions
)

select *
from newest
where
    revision = newest_revision
    and not is_conflict

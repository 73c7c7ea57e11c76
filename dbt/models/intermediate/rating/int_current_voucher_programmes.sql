-- The newest knowledge of each of voucher_programmes: its highest revision. Where two statements of that revision contradict each
-- other, none counts; int_conflicts lists them.
{{ config(materialized='view') }}
with revisions as (
    {{ current_rows(ref('stg_voucher_programmes'), natural_keys()['voucher_programmes']) }}
),

newest as (
    select
        *,
        max(revision) over (partition by programme_id) as newest_revision
    from revisions
)

select *
from newest
where
    revision = newest_revision
    and not is_conflict

-- The orders of a business day that were refused or cancelled, by the class that was asked for and the reason: its code,
-- never its words, which may name somebody.
select
    day,
    requested_class,
    lower(state) as outcome,
    reason_code,
    count(*) as orders
from {{ ref('int_orders') }}
where
    not is_conflict
    and state in ('REFUSED', 'CANCELLED')
group by day, requested_class, state, reason_code

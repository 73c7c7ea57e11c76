-- Who held an unknown number of cores or cards, and for how long: what no bill can hold, by day and account.
select
    day,
    site_id,
    account,
    compute_class,
    resource_kind,
    model,
    cast(sum(end_s - start_s) as bigint) as record_seconds,
    count(distinct record_hash) as records,
    bool_or(is_open) as {{ adapter.quote('open') }}
from {{ ref('int_unknown_days') }}
group by day, site_id, account, compute_class, resource_kind, model

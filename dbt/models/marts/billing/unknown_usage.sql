-- Who held an unknown number of cores or cards, or used an unknown quantity of what is sold besides, and for how long:
-- what no bill can hold, by day and account. A volume or line is unknown for a whole day. Only
-- who sent the records can say more.
with unknown as (
    select
        day,
        site_id,
        account,
        compute_class,
        resource_kind,
        model,
        end_s - start_s as record_seconds,
        record_hash,
        is_open
    from {{ ref('int_unknown_days') }}
    union all
    select
        day,
        site_id,
        account,
        compute_class,
        resource_kind,
        model,
        86400 as record_seconds,
        record_hash,
        false as is_open
    from {{ ref('int_unknown_sold') }}
)

select
    day,
    site_id,
    account,
    compute_class,
    resource_kind,
    model,
    cast(sum(record_seconds) as bigint) as record_seconds,
    count(distinct record_hash) as records,
    bool_or(is_open) as {{ adapter.quote('open') }},
    'site_operator' as must_act
from unknown
group by day, site_id, account, compute_class, resource_kind, model

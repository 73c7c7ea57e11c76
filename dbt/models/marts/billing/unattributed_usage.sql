-- Usage that is in nobody's bill, why, and who must act; what is nested counts with the record around it, and what is sold as a machine
-- or slice as that. A table: it counts records, which a view would do for every reader again. A record has one line of a
-- day and kind, but where price windows divide it: only those have to be told apart.
with sums as (
    select
        lines.day,
        lines.site_id,
        lines.account,
        lines.compute_class,
        lines.resource_kind,
        lines.model,
        lines.reason,
        sum(lines.quantity) as quantity,
        count(case when lines.{{ quote_window() }} = '00-24' then lines.record_hash end)
        + count(distinct case when lines.{{ quote_window() }} <> '00-24' then lines.record_hash end) as records
    from {{ ref('metered_usage') }} as lines
    where
        lines.reason is not null
        and not {{ is_billed_otherwise('lines.reason') }}
    group by
        lines.day,
        lines.site_id,
        lines.account,
        lines.compute_class,
        lines.resource_kind,
        lines.model,
        lines.reason
)

select
    day,
    site_id,
    account,
    compute_class,
    resource_kind,
    model,
    reason,
    cast(quantity as bigint) as quantity,
    {{ quantity_unit('resource_kind') }} as unit,
    records,
    {{ must_act('reason', '(account is not null)') }} as must_act
from sums

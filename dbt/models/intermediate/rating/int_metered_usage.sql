-- Usage with its evidence: one row per record × business day × price window × resource kind, in unit-seconds
-- (core-seconds, milli-card-seconds), with the tenant who owes it and the SKU that prices it, or the reason why neither
-- is sure. The day fact that utilisation and bills rest on: nothing is dropped, nothing is guessed. Rows of conflicting
-- records are marked and count for nothing; what of a record is nested in another one is told apart.
{{ day_fact() }}
with kinds as (
    select 'cpu_core' as resource_kind
    union all
    select 'accelerator' as resource_kind
),

units as (
    select
        held.*,
        kinds.resource_kind,
        case kinds.resource_kind when 'cpu_core' then held.core_milli else held.accelerator_milli end as unit_milli
    from {{ ref('int_holdings') }} as held
    cross join kinds
    where held.core_milli > 0 or held.accelerator_milli > 0
),

dated as (
    select
        *,
        {{ day_of_epoch('start_s') }} as first_day,
        {{ day_of_epoch('until_s - 1') }} as last_day
    from units
    where unit_milli > 0
),

days as (
    select
        *,
        {{ explode_days('first_day', 'last_day') }} as usage_day
    from dated
    where {{ may_touch_changed_days('first_day', 'last_day') }}
),

clipped as (
    select
        *,
        greatest(start_s, {{ epoch_of_day('usage_day') }}) as from_s,
        least(until_s, {{ epoch_of_day('usage_day') }} + 86400) as to_s
    from days
    where {{ is_changed_day('usage_day') }}
),

nested as (
    select
        landing_id,
        landing_row,
        day,
        cast(sum(share_milli * (end_s - start_s)) as bigint) as quantity
    from {{ ref('int_nested_days') }}
    where {{ is_changed_day('day') }}
    group by landing_id, landing_row, day
),

counted as (
    select
        clipped.*,
        coalesce(nested.quantity, 0) as nested_quantity
    from clipped
    left join nested
        on
            clipped.landing_id = nested.landing_id
            and clipped.landing_row = nested.landing_row
            and clipped.usage_day = nested.day
            and clipped.resource_kind = 'accelerator'
),

usage_days as (
    select
        record_hash,
        landing_id,
        landing_row,
        site_id,
        account,
        usage_day as day,
        '00-24' as price_window,
        compute_class,
        resource_kind,
        case resource_kind when 'cpu_core' then 'all' else accelerator_model end as model,
        from_s as start_s,
        to_s as end_s,
        unit_milli,
        {{ unit_seconds('resource_kind', 'unit_milli', 'from_s', 'to_s') }} - nested_quantity as quantity,
        nested_quantity,
        is_open,
        is_conflict
    from counted
),

skus as (
    select
        day,
        site_id,
        compute_class,
        resource_kind,
        model,
        count(*) as skus,
        min(sku_id) as sku_id,
        min(reason) as reason
    from {{ ref('int_sku_days') }}
    group by day, site_id, compute_class, resource_kind, model
),

matched as (
    select
        usage_days.*,
        accounts.tenant_id,
        coalesce(of_model.skus, of_any.skus, 0) as skus,
        coalesce(of_model.sku_id, of_any.sku_id) as sku_id,
        case
            when usage_days.is_conflict then 'record_conflict'
            when usage_days.quantity = 0 and usage_days.nested_quantity > 0 then 'nested'
            when accounts.account is null then 'account_unknown'
            else accounts.reason
        end as tenant_reason,
        case when of_model.sku_id is null then of_any.reason else of_model.reason end as sku_reason
    from usage_days
    left join {{ ref('int_account_days') }} as accounts
        on
            usage_days.day = accounts.day
            and usage_days.site_id = accounts.site_id
            and usage_days.account = accounts.account
    left join skus as of_model
        on
            usage_days.day = of_model.day
            and usage_days.site_id = of_model.site_id
            and usage_days.compute_class = of_model.compute_class
            and usage_days.resource_kind = of_model.resource_kind
            and usage_days.model = of_model.model
    left join skus as of_any
        on
            usage_days.day = of_any.day
            and usage_days.site_id = of_any.site_id
            and usage_days.compute_class = of_any.compute_class
            and usage_days.resource_kind = of_any.resource_kind
            and of_any.model is null
)

select
    matched.record_hash,
    matched.landing_id,
    matched.landing_row,
    matched.site_id,
    matched.account,
    matched.tenant_id,
    matched.day,
    matched.price_window,
    matched.compute_class,
    matched.resource_kind,
    matched.model,
    case when matched.skus = 1 then matched.sku_id end as sku_id,
    matched.start_s,
    matched.end_s,
    matched.unit_milli,
    matched.quantity,
    matched.nested_quantity,
    matched.is_open,
    matched.is_conflict,
    coalesce(
        matched.tenant_reason,
        case
            when matched.skus = 0 then 'sku_missing'
            when matched.skus > 1 then 'sku_conflict'
            else matched.sku_reason
        end
    ) as reason
from matched

-- Every usage line as known now, with the tenant who owes it and the SKU that prices it, or the reason why neither is
-- sure. The day fact that bills rest on: nothing is dropped, nothing is guessed.
{{ day_fact() }}

with usage_days as (
    select *
    from {{ ref('int_usage_days') }} as lines
    where {{ is_changed_day('lines.day') }}
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
    matched.quantity,
    matched.is_open,
    coalesce(
        matched.tenant_reason,
        case
            when matched.skus = 0 then 'sku_missing'
            when matched.skus > 1 then 'sku_conflict'
            else matched.sku_reason
        end
    ) as reason
from matched

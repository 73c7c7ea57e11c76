-- Machines and slices of cards that are sold as such, by record and business day: a machine where its site has a SKU for
-- instances of its class and flavor, or of any, a slice where it has one for slices of its class and profile, or of any.
-- They are billed in place of what they hold: a machine of its cores and cards, a slice of its part of a card. A machine
-- that holds a slice is sold as a machine; a slice of which a part counts with the machine or pod around it is not sold
-- as one on that day.
{{ day_fact() }}
with skus as (
    select distinct
        day,
        site_id,
        compute_class,
        resource_kind,
        model
    from {{ ref('int_sku_days') }}
    where
        resource_kind in ('instance', 'slice')
        and qos is null
),

kinds as (
    select distinct
        site_id,
        resource_kind
    from skus
),

held as (
    select
        holdings.*,
        kinds.resource_kind,
        case kinds.resource_kind when 'instance' then instances.flavor else instances.slice_profile end as model,
        {{ day_of_epoch('holdings.start_s') }} as first_day,
        {{ day_of_epoch('holdings.until_s - 1') }} as last_day
    from {{ ref('int_holdings') }} as holdings
    inner join {{ ref('int_instances') }} as instances
        on
            holdings.landing_id = instances.landing_id
            and holdings.landing_row = instances.landing_row
    inner join kinds
        on
            holdings.site_id = kinds.site_id
            and case kinds.resource_kind
                when 'instance' then holdings.layer = 'machine' else instances.slice_profile is not null
            end
    where holdings.layer <> 'job'
),

days as (
    select
        *,
        {{ explode_days('first_day', 'last_day') }} as usage_day
    from held
    where {{ may_touch_changed_days('first_day', 'last_day') }}
),

nested as (
    select distinct
        landing_id,
        landing_row,
        day
    from {{ ref('int_nested_days') }}
    where {{ is_changed_day('day') }}
),

offered as (
    select
        days.*,
        row_number() over (
            partition by days.landing_id, days.landing_row, days.usage_day order by days.resource_kind
        ) as place
    from days
    left join nested
        on
            days.landing_id = nested.landing_id
            and days.landing_row = nested.landing_row
            and days.usage_day = nested.day
    where
        {{ is_changed_day('days.usage_day') }}
        and (days.resource_kind = 'instance' or nested.day is null)
        and exists (
            select 1
            from skus
            where
                days.usage_day = skus.day
                and days.site_id = skus.site_id
                and days.compute_class = skus.compute_class
                and days.resource_kind = skus.resource_kind
                and coalesce(skus.model = days.model, skus.model is null)
        )
)

select
    record_hash,
    landing_id,
    landing_row,
    site_id,
    account,
    usage_day as day,
    compute_class,
    resource_kind,
    coalesce(model, 'unknown') as model,
    greatest(start_s, {{ epoch_of_day('usage_day') }}) as start_s,
    least(until_s, {{ epoch_of_day('usage_day') }} + 86400) as end_s,
    is_open,
    is_conflict
from offered
where place = 1

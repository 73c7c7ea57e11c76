-- Spans of business days on which new deliveries change what is sold besides cores and cards; none of a kind that nobody
-- sells. An observation of a volume bears on its day and on the days without one beside it, a record of a line on the
-- day on which it began, a line of a provider's bill and a rate of exchange on all days of the bill: its rounding is one.
with sells as (
    select
        coalesce(bool_or(resource_kind = 'storage'), false) as storage,
        coalesce(bool_or(resource_kind in ('traffic', 'bandwidth')), false) as lines,
        coalesce(bool_or(resource_kind in ('cloud', 'cloud_cost', 'resale')), false) as bills
    from {{ ref('int_current_skus') }}
),

changed_landings as (
    select changed.landing_id
    from {{ source('inputs', 'changed_landings') }} as changed
    cross join {{ source('inputs', 'build') }} as build
    where not build.full_refresh
),

changed_volumes as (
    select distinct
        records.site_id,
        records.volume_id
    from {{ source('bronze', 'storage_records') }} as records
    inner join changed_landings as changed
        on records.landing_id = changed.landing_id
    cross join sells
    where sells.storage
),

observed as (
    select
        records.site_id,
        records.volume_id,
        {{ business_day('records.observed_at') }} as day,
        bool_or(changed.landing_id is not null) as is_changed
    from {{ source('bronze', 'storage_records') }} as records
    inner join changed_volumes as volumes
        on
            records.site_id = volumes.site_id
            and records.volume_id = volumes.volume_id
    inner join {{ source('inputs', 'landings') }} as landings
        on records.landing_id = landings.landing_id
    left join changed_landings as changed
        on records.landing_id = changed.landing_id
    where
        landings.effective
        or changed.landing_id is not null
    group by records.site_id, records.volume_id, {{ business_day('records.observed_at') }}
),

observations as (
    select
        *,
        lag(day) over (partition by site_id, volume_id order by day) as previous_day
    from observed
),

changed_bills as (
    select
        records.provider,
        records.billing_account,
        records.billing_period
    from {{ source('bronze', 'cloud_charges') }} as records
    inner join changed_landings as changed
        on records.landing_id = changed.landing_id
    union
    select
        records.provider,
        records.billing_account,
        records.billing_period
    from {{ source('bronze', 'cloud_charges') }} as records
    inner join {{ source('bronze', 'fx_rates') }} as rates
        on
            records.billing_currency = rates.currency
            and records.billing_period = rates.{{ adapter.quote('month') }}
    inner join changed_landings as changed
        on rates.landing_id = changed.landing_id
),

bill_days as (
    select distinct {{ bill_day('records.') }} as day
    from {{ source('bronze', 'cloud_charges') }} as records
    where
        exists (
            select 1
            from changed_bills
            where
                records.provider = changed_bills.provider
                and records.billing_account = changed_bills.billing_account
                and records.billing_period = changed_bills.billing_period
        )
        and exists (
            select 1
            from sells
            where sells.bills
        )
)

select
    'storage_records' as reason,
    day as first_day,
    {{ add_days('day', 2) }} as last_day
from observations
where is_changed
union all
select
    'storage_records' as reason,
    {{ add_days('previous_day', 1) }} as first_day,
    least({{ add_days('previous_day', 2) }}, {{ add_days('day', -1) }}) as last_day
from observations
where
    is_changed
    and previous_day < {{ add_days('day', -1) }}
union all
select
    'network_usage' as reason,
    {{ business_day('records.interval_start') }} as first_day,
    {{ business_day('records.interval_start') }} as last_day
from {{ source('bronze', 'network_usage') }} as records
inner join changed_landings as changed
    on records.landing_id = changed.landing_id
cross join sells
where sells.lines
union all
select
    'cloud_charges' as reason,
    day as first_day,
    day as last_day
from bill_days

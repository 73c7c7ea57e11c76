-- Usage with its evidence: one row per record × business day × price window × resource kind, in unit-seconds
-- (core-seconds, milli-card-seconds), with the tenant who owes it and the SKU that prices it, or the reason why neither
-- is sure. The day fact that utilisation and bills rest on: nothing is dropped, nothing is guessed. Rows of conflicting
-- records are marked and count for nothing; what of a record is nested in another one is told apart. A QOS is kept where
-- the price depends on it, the model's dense peak where computing power itself is priced. What a machine or slice holds
-- that is sold as such (int_sold_holdings) is in no bill of its own.
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

usage_days as (
    select
        record_hash,
        landing_id,
        landing_row,
        site_id,
        account,
        qos,
        usage_day as day,
        compute_class,
        resource_kind,
        case resource_kind when 'cpu_core' then 'all' else accelerator_model end as model,
        greatest(start_s, {{ epoch_of_day('usage_day') }}) as start_s,
        least(until_s, {{ epoch_of_day('usage_day') }} + 86400) as end_s,
        unit_milli,
        is_open,
        is_conflict
    from days
    where {{ is_changed_day('usage_day') }}
),

skus as (
    select
        day,
        site_id,
        compute_class,
        resource_kind,
        model,
        qos,
        count(*) as skus,
        min(sku_id) as sku_id,
        min(precision) as precision,
        min(reason) as reason
    from {{ ref('int_sku_days') }}
    group by day, site_id, compute_class, resource_kind, model, qos
),

-- the most particular SKU holds: of the QOS before those of any, of the model before those of any
matched as (
    select
        usage_days.*,
        accounts.tenant_id,
        case when accounts.account is null then 'account_unknown' else accounts.reason end as tenant_reason,
        {%- set fits = ['of_model_and_qos', 'of_qos', 'of_model', 'of_any'] %}
        {{ first_known(fits, 'skus') }} as skus,
        {{ first_known(fits, 'sku_id') }} as sku_id,
        {{ of_fitting_sku(fits, 'precision') }} as priced_precision,
        {{ of_fitting_sku(fits, 'reason') }} as sku_reason
    from usage_days
    left join {{ ref('int_account_days') }} as accounts
        on
            usage_days.day = accounts.day
            and usage_days.site_id = accounts.site_id
            and usage_days.account = accounts.account
    {{ join_fitting_skus(fits, 'usage_days', by_qos=true) }}
),

qualities as (
    select
        day,
        sku_id,
        qos
    from {{ ref('int_sku_days') }}
    where qos is not null
    union
    select
        skus.day,
        skus.sku_id,
        multipliers.{{ adapter.quote('value') }} as qos
    from {{ ref('int_sku_days') }} as skus
    inner join {{ ref('int_current_tariff_multipliers') }} as multipliers
        on
            skus.tariff_id = multipliers.tariff_id
            and skus.tariff_version = multipliers.version
            and multipliers.kind = 'qos'
),

-- only SKUs whose price has windows divide the day
parts as (
    select
        matched.*,
        qualities.qos as priced_qos,
        coalesce(windows.price_window, '00-24') as price_window,
        greatest(matched.start_s, coalesce(windows.window_start_s, matched.start_s)) as from_s,
        least(matched.end_s, coalesce(windows.window_end_s, matched.end_s)) as to_s
    from matched
    left join {{ ref('int_sku_windows') }} as windows
        on
            matched.day = windows.day
            and matched.sku_id = windows.sku_id
            and matched.skus = 1
            and matched.start_s < windows.window_end_s
            and matched.end_s > windows.window_start_s
    left join qualities
        on
            matched.day = qualities.day
            and matched.sku_id = qualities.sku_id
            and matched.skus = 1
            and matched.qos = qualities.qos
),

nested as (
    select
        parts.landing_id,
        parts.landing_row,
        parts.day,
        parts.price_window,
        cast(
            sum(nests.share_milli * (least(nests.end_s, parts.to_s) - greatest(nests.start_s, parts.from_s))) as bigint
        ) as quantity
    from {{ ref('int_nested_days') }} as nests
    inner join parts
        on
            nests.landing_id = parts.landing_id
            and nests.landing_row = parts.landing_row
            and nests.day = parts.day
            and nests.start_s < parts.to_s
            and nests.end_s > parts.from_s
    where
        parts.resource_kind = 'accelerator'
        and {{ is_changed_day('nests.day') }}
    group by parts.landing_id, parts.landing_row, parts.day, parts.price_window
),

counted as (
    select
        parts.*,
        peaks.peak_gflops,
        sold.resource_kind as sold_as,
        {{ unit_seconds('parts.resource_kind', 'parts.unit_milli', 'parts.from_s', 'parts.to_s') }}
        - coalesce(nested.quantity, 0) as quantity,
        coalesce(nested.quantity, 0) as nested_quantity
    from parts
    left join nested
        on
            parts.landing_id = nested.landing_id
            and parts.landing_row = nested.landing_row
            and parts.day = nested.day
            and parts.price_window = nested.price_window
            and parts.resource_kind = 'accelerator'
    left join {{ ref('int_sold_holdings') }} as sold
        on
            parts.landing_id = sold.landing_id
            and parts.landing_row = sold.landing_row
            and parts.day = sold.day
            and (sold.resource_kind = 'instance' or parts.resource_kind = 'accelerator')
    left join {{ ref('device_peaks') }} as peaks
        on
            parts.priced_precision = peaks.precision
            and parts.model = peaks.model
            and parts.resource_kind = 'accelerator'
            and peaks.unit = 'card'
)

select
    counted.record_hash,
    counted.landing_id,
    counted.landing_row,
    counted.site_id,
    counted.account,
    counted.priced_qos as qos,
    counted.tenant_id,
    counted.day,
    counted.price_window,
    counted.compute_class,
    counted.resource_kind,
    counted.model,
    case when counted.skus = 1 then counted.sku_id end as sku_id,
    counted.from_s as start_s,
    counted.to_s as end_s,
    counted.unit_milli,
    counted.quantity,
    counted.nested_quantity,
    counted.peak_gflops,
    counted.is_open,
    counted.is_conflict,
    coalesce(
        case
            when counted.is_conflict then 'record_conflict'
            when counted.quantity = 0 and counted.nested_quantity > 0 then 'nested'
            when counted.sold_as is not null then 'sold_as_' || counted.sold_as
        end,
        counted.tenant_reason,
        case
            when counted.skus is null then 'sku_missing'
            when counted.skus > 1 then 'sku_conflict'
            when counted.sku_reason is not null then counted.sku_reason
            when counted.priced_precision is not null and counted.peak_gflops is null then 'peak_unknown'
        end
    ) as reason
from counted

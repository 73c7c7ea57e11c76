-- Usage that is sold by other units than the cores and cards of int_metered_usage, with the same columns: machines and
-- slices sold as such, storage (byte-days), traffic (bytes) and bandwidth (Mbps-days) of lines, providers' bills
-- (micro-yuan, refunds below zero), and what of them is resold at our own price. It is metered for billing alone: where a
-- site has any SKU of the kind on the day, or a rule of resale names one. What a rule of resale says is the provider's is
-- owed by the network operator, whose ever the account is.
-- Prices of machines and slices may have windows; those of the other kinds, which a day counts whole, may not. SKUs of
-- the other kinds fit whatever their class. What of a sold kind has no quantity is unknown, and no usage.
{{ day_fact() }}
with used as (
    select
        record_hash,
        landing_id,
        landing_row,
        site_id,
        account,
        day,
        compute_class,
        resource_kind,
        model,
        start_s,
        end_s,
        end_s - start_s as quantity,
        is_open,
        is_conflict,
        cast(null as bigint) as named_skus,
        cast(null as string) as named_sku_id
    from {{ ref('int_sold_holdings') }}
    where {{ is_changed_day('day') }}
    {%- for relation, kind in [
        ('int_stored_days', "'storage'"), ('int_line_days', 'resource_kind'), ('int_resold_lines', 'resource_kind')
    ] %}
    union all
    select
        record_hash,
        landing_id,
        landing_row,
        site_id,
        account,
        day,
        'unknown' as compute_class,
        {{ kind }} as resource_kind,
        model,
        {{ epoch_of_day('day') }} as start_s,
        {{ epoch_of_day('day') }} + 86400 as end_s,
        quantity,
        false as is_open,
        is_conflict,
        {% if relation == 'int_resold_lines' -%}
        named_skus,
        named_sku_id
        {%- else -%}
        cast(null as bigint) as named_skus,
        cast(null as string) as named_sku_id
        {%- endif %}
    from {{ ref(relation) }}
    where {{ is_changed_day('day') }}
    {%- endfor %}
),

offers as (
    select
        day,
        site_id,
        case when resource_kind in ('instance', 'slice') then compute_class else 'unknown' end as compute_class,
        resource_kind,
        model,
        sku_id,
        reason
    from {{ ref('int_sku_days') }}
    where
        resource_kind in ('instance', 'slice', 'storage', 'traffic', 'bandwidth', 'cloud', 'cloud_cost', 'resale')
        and qos is null
),

kinds as (
    select distinct
        day,
        site_id,
        resource_kind
    from offers
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
    from offers
    group by day, site_id, compute_class, resource_kind, model
),

parties as (
    {{ dated(ref('int_current_parties'), ['party_id']) }}
),

operators as (
    select
        days.day,
        min(parties.party_id) as party_id
    from {{ ref('int_rating_days') }} as days
    inner join parties
        on
            parties.kind = 'network_operator'
            and {{ in_force('days.day', 'parties') }}
    group by days.day
),

-- the SKU that a rule names holds, then the most particular one: of the model before those of any
matched as (
    select
        used.*,
        case when used.resource_kind = 'cloud_cost' then operators.party_id else accounts.tenant_id end as tenant_id,
        case
            when used.resource_kind = 'cloud_cost' and operators.party_id is null then 'tenant_unknown'
            when used.resource_kind = 'cloud_cost' then null
            when accounts.account is null then 'account_unknown'
            else accounts.reason
        end as tenant_reason,
        {%- set fits = ['of_model', 'of_any'] %}
        case
            when used.named_skus > 1 then used.named_skus
            when used.named_skus = 1 then case when named.sku_id is not null then 1 end
            else {{ first_known(fits, 'skus') }}
        end as skus,
        case when used.named_skus is not null then named.sku_id else {{ first_known(fits, 'sku_id') }} end as sku_id,
        case
            when used.named_skus is not null then named.reason
            else {{ of_fitting_sku(fits, 'reason') }}
        end as sku_reason
    from used
    left join kinds
        on
            used.day = kinds.day
            and used.site_id = kinds.site_id
            and used.resource_kind = kinds.resource_kind
    left join operators
        on used.day = operators.day
    left join offers as named
        on
            used.day = named.day
            and used.site_id = named.site_id
            and used.resource_kind = named.resource_kind
            and used.named_sku_id = named.sku_id
    left join {{ ref('int_account_days') }} as accounts
        on
            used.day = accounts.day
            and used.site_id = accounts.site_id
            and used.account = accounts.account
    {{ join_fitting_skus(fits, 'used') }}
    where
        (kinds.day is not null or used.named_skus is not null)
        and (used.quantity is not null or used.resource_kind in ('cloud', 'cloud_cost', 'resale'))
),

parts as (
    select
        matched.*,
        windows.price_window,
        coalesce(greatest(matched.start_s, windows.window_start_s), matched.start_s) as from_s,
        coalesce(least(matched.end_s, windows.window_end_s), matched.end_s) as to_s
    from matched
    left join {{ ref('int_sku_windows') }} as windows
        on
            matched.day = windows.day
            and matched.sku_id = windows.sku_id
            and matched.skus = 1
            and matched.resource_kind in ('instance', 'slice')
            and matched.start_s < windows.window_end_s
            and matched.end_s > windows.window_start_s
),

windowed as (
    select distinct
        day,
        sku_id
    from {{ ref('int_sku_windows') }}
)

select
    parts.record_hash,
    parts.landing_id,
    parts.landing_row,
    parts.site_id,
    parts.account,
    cast(null as string) as qos,
    parts.tenant_id,
    parts.day,
    coalesce(parts.price_window, '00-24') as price_window,
    parts.compute_class,
    parts.resource_kind,
    parts.model,
    case when parts.skus = 1 then parts.sku_id end as sku_id,
    parts.from_s as start_s,
    parts.to_s as end_s,
    case
        when parts.resource_kind in ('instance', 'slice') then parts.to_s - parts.from_s
        else coalesce(parts.quantity, 0)
    end as quantity,
    cast(0 as bigint) as nested_quantity,
    cast(null as bigint) as peak_gflops,
    parts.is_open,
    parts.is_conflict,
    coalesce(
        case
            when parts.is_conflict then 'record_conflict'
            when parts.quantity is null and parts.resource_kind = 'resale' then 'quantity_unknown'
            when parts.quantity is null then 'currency_unknown'
        end,
        parts.tenant_reason,
        case
            when parts.skus is null then 'sku_missing'
            when parts.skus > 1 then 'sku_conflict'
            when parts.sku_reason is not null then parts.sku_reason
            when windowed.sku_id is not null and parts.price_window is null then 'tariff_missing'
        end
    ) as reason
from parts
left join windowed
    on
        parts.day = windowed.day
        and parts.sku_id = windowed.sku_id

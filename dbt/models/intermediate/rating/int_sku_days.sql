-- What a SKU means on a day: tariff version, tax rate and share rule in force. `reason` names the first of them that is
-- missing or contradictory; a SKU with a reason bills nothing that day.
with days as (
    select day from {{ ref('int_rating_days') }}
),

skus as (
    {{ dated(ref('int_current_skus'), ['sku_id']) }}
),

tax_rates as (
    {{ dated(ref('int_current_tax_rates'), ['tax_category']) }}
),

shares as (
    {{ dated(ref('int_current_revenue_shares'), ['share_rule']) }}
),

tariffs as (
    select
        day,
        tariff_id,
        sku_id,
        min(tariff_version) as tariff_version,
        max(versions) as versions,
        bool_and(is_whole) as is_whole,
        min(price_model) as price_model,
        bool_or(tax_included) as tax_included,
        min(unit) as unit,
        max(unit) as other_unit
    from {{ ref('int_tariff_days') }}
    group by day, tariff_id, sku_id
)

select
    days.day,
    skus.sku_id,
    skus.site_id,
    skus.compute_class,
    skus.resource_kind,
    skus.model,
    skus.qos,
    skus.precision,
    skus.unit,
    skus.tariff_id,
    tariffs.tariff_version,
    tariffs.price_model,
    tariffs.tax_included,
    {{ micro('tax_rates.rate') }} as tax_rate_ppm,
    skus.share_rule,
    shares.valid_from as share_valid_from,
    case
        when tariffs.versions > 1 then 'tariff_conflict'
        when tariffs.tariff_version is null then 'tariff_missing'
        when not tariffs.is_whole then 'tariff_conflict'
        when tariffs.unit != skus.unit or tariffs.other_unit != skus.unit then 'tariff_missing'
        when tax_rates.rate is null then 'tax_missing'
        when shares.valid_from is null then 'share_missing'
    end as reason
from days
inner join skus
    on {{ in_force('days.day', 'skus') }}
left join tariffs
    on
        days.day = tariffs.day
        and skus.tariff_id = tariffs.tariff_id
        and skus.sku_id = tariffs.sku_id
left join tax_rates
    on
        skus.tax_category = tax_rates.tax_category
        and {{ in_force('days.day', 'tax_rates') }}
left join shares
    on
        skus.share_rule = shares.share_rule
        and {{ in_force('days.day', 'shares') }}

-- The prices of a SKU under its tariff on a day: the rows of the newest version valid then, one per window that holds on
-- the day and band. A holiday is a rest day to a version that has no windows for holidays. Two versions that start on the
-- same day both appear; `versions` then says 2 and nobody is billed by them. `is_whole` says whether the windows share out
-- the day without gap or overlap, each from the first band on, and by one price model: else nothing can be billed either.
with valid as (
    select
        days.day,
        rates.tariff_id,
        rates.sku_id,
        rates.version as tariff_version,
        rates.{{ quote_window() }} as price_window,
        rates.band_from,
        coalesce(rates.price_model, 'per_unit') as price_model,
        rates.unit,
        {{ micro('rates.price') }} as unit_price_micro_yuan,
        rates.tax_included,
        {{ window_kind('rates.' ~ quote_window()) }} as window_kind,
        {{ day_kind('calendar.kind', 'days.day') }} as day_kind,
        {{ window_start('rates.' ~ quote_window()) }} as window_from_s,
        {{ window_end('rates.' ~ quote_window()) }} as window_to_s,
        rank() over (
            partition by days.day, rates.tariff_id, rates.sku_id order by rates.valid_from desc
        ) as age
    from {{ ref('int_rating_days') }} as days
    inner join {{ ref('int_current_tariff_rates') }} as rates
        on
            days.day >= rates.valid_from
            and (days.day < rates.valid_to or rates.valid_to is null)
            and (days.day >= rates.counts_from or rates.counts_from is null)
            and (days.day < rates.counts_until or rates.counts_until is null)
    left join {{ ref('int_current_calendar_days') }} as calendar
        on days.day = calendar.day
),

seen as (
    select
        *,
        case
            when day_kind = 'holiday' and max(case when window_kind = 'holiday' then 1 else 0 end) over (
                partition by day, tariff_id, sku_id, tariff_version
            ) = 0 then 'restday'
            else day_kind
        end as priced_as
    from valid
    where age = 1
),

newest as (
    select *
    from seen
    where coalesce(window_kind = priced_as, true)
),

windows as (
    select
        day,
        tariff_id,
        sku_id,
        tariff_version,
        price_window,
        window_from_s,
        window_to_s,
        min(band_from) as first_band,
        lag(window_to_s, 1, 0) over (
            partition by day, tariff_id, sku_id, tariff_version order by window_from_s, window_to_s
        ) as previous_to_s
    from newest
    group by day, tariff_id, sku_id, tariff_version, price_window, window_from_s, window_to_s
),

tiled as (
    select
        day,
        tariff_id,
        sku_id,
        tariff_version,
        max(window_to_s) = 86400
        and bool_and(window_from_s = previous_to_s and window_to_s > window_from_s and first_band = 0) as is_tiled
    from windows
    group by day, tariff_id, sku_id, tariff_version
),

versions as (
    select
        day,
        tariff_id,
        sku_id,
        count(distinct tariff_version) as versions,
        count(distinct price_model) as price_models,
        count(distinct tax_included) as tax_terms
    from newest
    group by day, tariff_id, sku_id
)

select
    newest.day,
    newest.tariff_id,
    newest.sku_id,
    newest.tariff_version,
    newest.price_window,
    newest.window_from_s,
    newest.window_to_s,
    newest.band_from,
    lead(newest.band_from) over (
        partition by newest.day, newest.tariff_id, newest.sku_id, newest.tariff_version, newest.price_window
        order by newest.band_from
    ) as band_to,
    newest.price_model,
    newest.unit,
    newest.unit_price_micro_yuan,
    newest.tax_included,
    versions.versions,
    tiled.is_tiled and versions.price_models = 1 and versions.tax_terms = 1 as is_whole
from newest
inner join versions
    on
        newest.day = versions.day
        and newest.tariff_id = versions.tariff_id
        and newest.sku_id = versions.sku_id
inner join tiled
    on
        newest.day = tiled.day
        and newest.tariff_id = tiled.tariff_id
        and newest.sku_id = tiled.sku_id
        and newest.tariff_version = tiled.tariff_version

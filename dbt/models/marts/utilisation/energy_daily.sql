-- Energy, water, green energy and carbon dioxide per site and business day: the sum of its hours, unknown where one of
-- them is.
with site_days as (
    select
        site_id,
        {{ explode_days('min(day)', 'max(day)') }} as day
    from {{ ref('int_meter_readings') }}
    where not is_conflict
    group by site_id
),

figures as (
    select
        site_days.site_id,
        site_days.day,
        {{ of_whole_day('hours.facility_wh') }} as facility_wh,
        {{ of_whole_day('hours.it_wh') }} as it_wh,
        {{ of_whole_day('hours.cooling_wh') }} as cooling_wh,
        {{ of_whole_day('hours.renewable_wh') }} as renewable_wh,
        {{ of_whole_day('hours.water_l') }} as water_l,
        {{ of_whole_day('hours.facility_estimated_wh') }} as facility_estimated_wh,
        {{ of_whole_day('hours.it_estimated_wh') }} as it_estimated_wh,
        {{ of_whole_day('hours.water_estimated_l') }} as water_estimated_l,
        case when bool_or(green.is_claimed) then {{ of_whole_day('green.green_wh') }} end as green_wh,
        case when bool_or(green.is_claimed) then {{ of_whole_day('green.certificate_wh') }} end as certificate_used_wh,
        case when count(green.carbon_ng) = 24 then {{ half_up_div('sum(green.carbon_ng)', '1000000000') }} end as carbon_g,
        case
            when count(green.carbon_market_ng) = 24 then {{ half_up_div('sum(green.carbon_market_ng)', '1000000000') }}
        end as carbon_market_g,
        count(case when green.is_hourly then 1 end) as hourly_factors
    from site_days
    left join {{ ref('int_energy_hours') }} as hours
        on
            site_days.site_id = hours.site_id
            and site_days.day = hours.day
    left join {{ ref('int_green_hours') }} as green
        on
            hours.site_id = green.site_id
            and hours.hour_s = green.hour_s
    group by site_days.site_id, site_days.day
)

select
    figures.site_id,
    sites.region,
    figures.day,
    figures.facility_wh,
    figures.it_wh,
    figures.facility_estimated_wh,
    figures.it_estimated_wh,
    figures.cooling_wh,
    figures.renewable_wh,
    figures.water_l,
    figures.water_estimated_l,
    {{ share_of('figures.facility_wh', 'figures.it_wh') }} as ipue,
    sites.pue_category,
    {{ share_of('figures.water_l * 1000', 'figures.it_wh') }} as wue,
    {{ share_of('figures.carbon_g', 'figures.it_wh') }} as cue,
    {{ share_of('figures.green_wh', 'figures.facility_wh') }} as green_share,
    figures.green_wh,
    figures.certificate_used_wh,
    figures.carbon_g,
    figures.carbon_market_g,
    case
        when figures.carbon_g is null then null
        when figures.hourly_factors = 24 then 'hourly'
        when figures.hourly_factors = 0 then 'yearly'
        else 'mixed'
    end as carbon_basis,
    case
        when figures.facility_wh is null or figures.it_wh is null then 'incomplete'
        when figures.facility_estimated_wh > 0 or figures.it_estimated_wh > 0 then 'estimated'
        else 'measured'
    end as quality
from figures
left join {{ source('inputs', 'sites') }} as sites
    on figures.site_id = sites.site_id

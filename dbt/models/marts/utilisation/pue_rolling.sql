-- PUE, WUE and CUE over the 365 days that end with each business day, from the days alone of which both of their sides
-- are known, and how many those are. The days of energy_daily follow one another without a gap.
with days as (
    select
        site_id,
        region,
        day,
        pue_category,
        quality,
        water_l,
        carbon_g,
        facility_wh,
        it_wh,
        quality <> 'incomplete' as is_covered,
        water_l is not null and it_wh is not null as has_water,
        carbon_g is not null and it_wh is not null as has_carbon
    from {{ ref('energy_daily') }}
),

years as (
    select
        site_id,
        region,
        day as as_of,
        pue_category,
        count(case when is_covered then 1 end) over year_to_day as days_covered,
        count(case when quality = 'estimated' then 1 end) over year_to_day as days_estimated,
        sum(case when is_covered then facility_wh end) over year_to_day as facility_wh,
        sum(case when is_covered then it_wh end) over year_to_day as it_wh,
        count(case when has_water then 1 end) over year_to_day as water_days,
        sum(case when has_water then water_l end) over year_to_day as water_l,
        sum(case when has_water then it_wh end) over year_to_day as water_it_wh,
        count(case when has_carbon then 1 end) over year_to_day as carbon_days,
        sum(case when has_carbon then carbon_g end) over year_to_day as carbon_g,
        sum(case when has_carbon then it_wh end) over year_to_day as carbon_it_wh
    from days
    window year_to_day as (partition by site_id order by day rows between 364 preceding and current row)
)

select
    site_id,
    region,
    as_of,
    cast(days_covered as bigint) as days_covered,
    cast(days_estimated as bigint) as days_estimated,
    cast(facility_wh as bigint) as facility_wh,
    cast(it_wh as bigint) as it_wh,
    {{ share_of('facility_wh', 'it_wh') }} as pue,
    pue_category,
    cast(water_days as bigint) as water_days,
    cast(water_l as bigint) as water_l,
    cast(water_it_wh as bigint) as water_it_wh,
    {{ share_of('water_l * 1000', 'water_it_wh') }} as wue,
    cast(carbon_days as bigint) as carbon_days,
    cast(carbon_g as bigint) as carbon_g,
    cast(carbon_it_wh as bigint) as carbon_it_wh,
    {{ share_of('carbon_g', 'carbon_it_wh') }} as cue,
    case
        when days_covered = 0 then 'unknown'
        when days_covered < 365 then 'interim'
        when days_estimated > 0 then 'estimated'
        else 'measured'
    end as quality
from years

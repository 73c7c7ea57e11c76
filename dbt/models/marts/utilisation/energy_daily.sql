-- Energy and water per site and business day: the sum of its hours, unknown where one of them is.
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
        {%- for quantity in ['facility_wh', 'it_wh', 'cooling_wh', 'renewable_wh', 'water_l'] %}
        {%- set estimated = quantity.replace('_', '_estimated_') %}
        cast(case when count(hours.{{ quantity }}) = 24 then sum(hours.{{ quantity }}) end as bigint) as {{ quantity }},
        cast(case when count(hours.{{ quantity }}) = 24 then sum(hours.{{ estimated }}) end as bigint)
            as {{ estimated }}{{ ',' if not loop.last }}
        {%- endfor %}
    from site_days
    left join {{ ref('int_energy_hours') }} as hours
        on
            site_days.site_id = hours.site_id
            and site_days.day = hours.day
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
    cast(null as double) as cue,
    cast(null as double) as green_share,
    case
        when figures.facility_wh is null or figures.it_wh is null then 'incomplete'
        when figures.facility_estimated_wh > 0 or figures.it_estimated_wh > 0 then 'estimated'
        else 'measured'
    end as quality
from figures
left join {{ source('inputs', 'sites') }} as sites
    on figures.site_id = sites.site_id

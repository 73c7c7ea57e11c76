-- What of each certificate that counts is used in each of its hours: its energy spread evenly over its time, as far as
-- the site's use beyond its own renewable energy and beyond certificates of smaller identifiers reaches. Unknown where
-- that use is.
{%- set hour_us = 3600000000 %}
with dated as (
    select
        certificate_id,
        site_id,
        from_us,
        to_us,
        certificate_wh,
        {{ explode_integers(int_div('from_us', hour_us), int_div('to_us - 1', hour_us)) }} as hour_number
    from {{ ref('int_certificates') }}
    where status = 'counted'
),

bounded as (
    select
        *,
        to_us - from_us as long_us,
        greatest(from_us, hour_number * {{ hour_us }}) - from_us as part_from_us,
        least(to_us, (hour_number + 1) * {{ hour_us }}) - from_us as part_to_us
    from dated
),

shares as (
    select
        certificate_id,
        site_id,
        hour_number * 3600 as hour_s,
        {{ half_up_div(exact_product('certificate_wh', 'part_to_us'), 'long_us') }}
        - {{ half_up_div(exact_product('certificate_wh', 'part_from_us'), 'long_us') }} as share_wh
    from bounded
),

claims as (
    select
        shares.*,
        hours.facility_wh - {{ own_renewable('hours') }} as open_wh,
        sum(shares.share_wh) over (
            partition by shares.site_id, shares.hour_s order by shares.certificate_id
        ) - shares.share_wh as before_wh
    from shares
    left join {{ ref('int_energy_hours') }} as hours
        on
            shares.site_id = hours.site_id
            and shares.hour_s = hours.hour_s
)

select
    certificate_id,
    site_id,
    {{ day_of_epoch('hour_s') }} as day,
    hour_s,
    share_wh,
    cast(case
        when open_wh is null then null
        when open_wh <= before_wh then 0
        when open_wh - before_wh < share_wh then open_wh - before_wh
        else share_wh
    end as bigint) as used_wh
from claims

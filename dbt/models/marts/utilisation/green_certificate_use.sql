-- Every certificate with what of it is used, unused and not yet known; one that does not count is unused as a whole.
with hours as (
    select
        certificate_id,
        sum(used_wh) as used_wh,
        sum(case when used_wh is null then share_wh end) as unknown_wh
    from {{ ref('int_certificate_hours') }}
    group by certificate_id
)

select
    certificates.certificate_id,
    certificates.version,
    certificates.site_id,
    certificates.certificate_from,
    certificates.certificate_to,
    certificates.certificate_wh,
    cast(coalesce(hours.used_wh, 0) as bigint) as used_wh,
    cast(
        certificates.certificate_wh - coalesce(hours.used_wh, 0) - coalesce(hours.unknown_wh, 0) as bigint
    ) as unused_wh,
    cast(coalesce(hours.unknown_wh, 0) as bigint) as unknown_wh,
    certificates.status
from {{ ref('int_certificates') }} as certificates
left join hours
    on certificates.certificate_id = hours.certificate_id

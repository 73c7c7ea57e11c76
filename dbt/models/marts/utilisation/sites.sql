-- The sites of the network, as configured.
select
    site_id,
    name_en,
    name_zh,
    kind,
    region,
    city,
    province,
    operator,
    time_zone,
    currency,
    provider_party,
    operator_party
from {{ source('inputs', 'sites') }}

-- Bad rows: billing periods with charges for which parties does not name exactly one network operator and one tax
-- authority.
select
    period,
    network_operators,
    tax_authorities
from {{ ref('int_network_parties') }}
where
    network_operators != 1
    or tax_authorities != 1

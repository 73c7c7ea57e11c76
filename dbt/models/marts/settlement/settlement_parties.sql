-- Who the parties of the settlement are: names and tax id, from a day on, as known now. What closed periods were told is in
-- their packs.
{{ config(materialized='view') }}
select
    party_id,
    valid_from,
    kind,
    name_en,
    name_zh,
    tax_id,
    group_party_id
from {{ ref('int_current_parties') }}

-- What every term and published column means, generated from the contracts.
select
    term,
    name_en,
    name_zh,
    definition_en,
    definition_zh,
    unit,
    table_name,
    column_name,
    sensitivity
from {{ source('inputs', 'definitions') }}

-- Control days that changed landings touch, whatever the dataset. A record's key holds its control day, so all versions
-- of one record, and with them its standing, lie in one such day.
{% for dataset in datasets_by_control_day() -%}
select distinct {{ business_day('records.' ~ controls()[dataset]['day']) }} as day
from {{ source('bronze', dataset) }} as records
inner join {{ source('inputs', 'changed_landings') }} as changed
    on records.landing_id = changed.landing_id
{{ 'union' if not loop.last }}
{% endfor -%}

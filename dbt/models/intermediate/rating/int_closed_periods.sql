-- The periods whose figures come from the ledger and change no more.
{{ config(materialized='view') }}
select distinct closes.period
from {{ source('ledger', 'closes') }} as closes
where closes.state = 'closed'

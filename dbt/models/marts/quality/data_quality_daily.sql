-- What arrived, by source, dataset and received day, and what became of it.
select
    receipts.source_id,
    receipts.site_id,
    receipts.dataset,
    receipts.received_day,
    count(*) as deliveries,
    cast(sum(receipts.rows_in) as bigint) as rows_in,
    cast(sum(receipts.accepted) as bigint) as accepted,
    cast(sum(receipts.quarantined) as bigint) as quarantined,
    cast(sum(receipts.duplicates) as bigint) as duplicates,
    cast(sum(receipts.set_aside) as bigint) as set_aside,
    cast(sum(case when receipts.late then 1 else 0 end) as bigint) as late
from {{ source('inputs', 'receipts') }} as receipts
group by receipts.source_id, receipts.site_id, receipts.dataset, receipts.received_day

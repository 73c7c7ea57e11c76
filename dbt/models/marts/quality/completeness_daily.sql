-- What each sender declared for a business day, what was found, and whether they agree in number and in control sum.
-- Undeclared days are unknown, not complete; a declaration without a control sum is judged by its number.
with declarations as (
    {{ current_rows(ref('stg_feed_totals'), ['source_id', 'dataset', 'day']) }}
),

declared as (
    select
        source_id,
        dataset,
        day,
        record_count,
        control_sum
    from declarations
    where not is_conflict
),

records as (
    select * from {{ ref('int_controls_feeds') }}
    union all
    select * from {{ ref('int_controls_job_records') }}
),

found as (
    select
        source_id,
        dataset,
        control_day as day,
        cast(sum(found) as bigint) as records,
        cast(sum(found_control_sum) as decimal(38, 6)) as control_sum
    from records
    group by source_id, dataset, control_day
),

compared as (
    select
        coalesce(declared.source_id, found.source_id) as source_id,
        coalesce(declared.dataset, found.dataset) as dataset,
        coalesce(declared.day, found.day) as day,
        declared.record_count as declared,
        coalesce(found.records, 0) as found,
        declared.control_sum as declared_control_sum,
        coalesce(found.control_sum, 0) as found_control_sum
    from declared
    full outer join found
        on
            declared.source_id = found.source_id
            and declared.dataset = found.dataset
            and declared.day = found.day
    where coalesce(declared.dataset, found.dataset) in (
        '{{ controls() | join("',\n        '") }}'
    )
)

select
    source_id,
    dataset,
    day,
    declared,
    found,
    declared_control_sum,
    cast(found_control_sum as decimal(38, 6)) as found_control_sum,
    declared = found and coalesce(declared_control_sum = found_control_sum, true) as complete
from compared

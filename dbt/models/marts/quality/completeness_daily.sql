-- What each sender declared for a business day, what was found, and whether they agree in number and in control sum.
-- Undeclared days are unknown, not complete; a declaration without a control sum is judged by its number. Every day from
-- a sender's first declaration of a dataset to the network's last (of days past when they were declared) has a row: one
-- without declaration and record is silent.
with declarations as (
    {{ current_rows(ref('stg_feed_totals'), ['source_id', 'dataset', 'day']) }}
),

declared as (
    select
        source_id,
        dataset,
        day,
        record_count,
        control_sum,
        known_at
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
),

last_days as (
    select max(day) as last_day
    from declared
    where day <= {{ business_day('known_at') }}
),

declared_spans as (
    select
        declared.source_id,
        declared.dataset,
        min(declared.day) as first_day,
        max(last_days.last_day) as last_day
    from declared
    cross join last_days
    where declared.dataset in (select compared.dataset from compared)
    group by declared.source_id, declared.dataset
),

declared_days as (
    select
        source_id,
        dataset,
        {{ explode_days('first_day', 'last_day') }} as day
    from declared_spans
    where first_day <= last_day
),

days as (
    select
        source_id,
        dataset,
        day,
        declared,
        found,
        declared_control_sum,
        cast(found_control_sum as decimal(38, 6)) as found_control_sum
    from compared
    union all
    select
        silent.source_id,
        silent.dataset,
        silent.day,
        cast(null as bigint) as declared,
        cast(0 as bigint) as found,
        cast(null as decimal(38, 6)) as declared_control_sum,
        cast(0 as decimal(38, 6)) as found_control_sum
    from declared_days as silent
    left join compared
        on
            silent.source_id = compared.source_id
            and silent.dataset = compared.dataset
            and silent.day = compared.day
    where compared.day is null
)

select
    source_id,
    dataset,
    day,
    declared,
    found,
    declared_control_sum,
    found_control_sum,
    declared = found and coalesce(declared_control_sum = found_control_sum, true) as complete,
    case
        when declared is null and found = 0 then 'silent'
        when declared is null then 'undeclared'
        when found < declared then 'short'
        when found > declared then 'excess'
        when declared_control_sum <> found_control_sum then 'sum_differs'
        else 'complete'
    end as status
from days

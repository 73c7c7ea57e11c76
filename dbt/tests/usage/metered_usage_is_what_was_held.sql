-- Bad rows: days up to which the metered usage of an account is not exactly what its records held, in lines (the windows
-- of a day are one) and in unit-seconds.
-- What they held is found without cutting a record into days, by the steps at its two ends: a start counts
-- to the end of its day and for every day after, an end takes the same back. What is nested is metered too, beside what
-- counts.
with ends as (
    {%- for kind, milli in [('cpu_core', 'core_milli'), ('accelerator', 'accelerator_milli')] %}
    select
        site_id,
        account,
        '{{ kind }}' as resource_kind,
        {{ milli }} as unit_milli,
        start_s,
        until_s,
        {{ int_div('start_s + 28800', '86400') }} as first_no,
        {{ int_div('until_s + 28799', '86400') }} as last_no
    from {{ ref('int_holdings') }}
    where {{ milli }} > 0
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

entries as (
    select
        site_id,
        account,
        resource_kind,
        first_no as day_no,
        1 as begun,
        1 as running,
        24 * {{ unit_seconds_within_hour('resource_kind', 'unit_milli', '3600') }} as per_day,
        {{ unit_seconds('resource_kind', 'unit_milli', 'start_s', '(first_no * 86400 + 57600)') }} as unit_seconds,
        0 as lines,
        0 as quantity
    from ends
    union all
    select
        site_id,
        account,
        resource_kind,
        last_no as day_no,
        0 as begun,
        -1 as running,
        -24 * {{ unit_seconds_within_hour('resource_kind', 'unit_milli', '3600') }} as per_day,
        -{{ unit_seconds('resource_kind', 'unit_milli', 'until_s', '(last_no * 86400 + 57600)') }} as unit_seconds,
        0 as lines,
        0 as quantity
    from ends
    union all
    select
        site_id,
        account,
        resource_kind,
        cast({{ days_between("date '1970-01-01'", 'day') }} as bigint) as day_no,
        0 as begun,
        0 as running,
        0 as per_day,
        0 as unit_seconds,
        1 as lines,
        quantity + nested_quantity as quantity
    from {{ ref('int_metered_usage') }}
    where price_window = '00-24'
    union all
    select
        site_id,
        account,
        resource_kind,
        cast({{ days_between("date '1970-01-01'", 'day') }} as bigint) as day_no,
        0 as begun,
        0 as running,
        0 as per_day,
        0 as unit_seconds,
        1 as lines,
        sum(quantity + nested_quantity) as quantity
    from {{ ref('int_metered_usage') }}
    where price_window != '00-24'
    group by site_id, account, resource_kind, day, landing_id, landing_row
),

days as (
    select
        site_id,
        account,
        resource_kind,
        day_no,
        sum(begun) as begun,
        sum(running) as running,
        cast(sum(per_day) as decimal(38, 0)) as per_day,
        cast(sum(unit_seconds) as decimal(38, 0)) as unit_seconds,
        sum(lines) as lines,
        cast(sum(quantity) as decimal(38, 0)) as quantity
    from entries
    group by site_id, account, resource_kind, day_no
),

totals as (
    select
        site_id,
        account,
        resource_kind,
        day_no,
        sum(begun) over so_far + day_no * sum(running) over so_far - sum(running * day_no) over so_far as held_lines,
        sum(lines) over so_far as metered_lines,
        sum(unit_seconds) over so_far
        + day_no * sum(per_day) over so_far - sum(per_day * day_no) over so_far as held,
        sum(quantity) over so_far as metered
    from days
    window so_far as (
        partition by site_id, account, resource_kind
        order by day_no
        rows between unbounded preceding and current row
    )
)

select
    site_id,
    account,
    resource_kind,
    {{ add_days("date '1970-01-01'", 'day_no') }} as day,
    held_lines,
    metered_lines,
    held,
    metered
from totals
where
    held_lines != metered_lines
    or held != metered

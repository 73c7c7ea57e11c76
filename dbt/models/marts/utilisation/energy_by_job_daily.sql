-- Where the facility energy of a site's known day went: to jobs, to idle devices, to IT that nothing measured more
-- closely, and to overhead, which the others share by their energy (largest remainder). From device samples where the
-- monitor names who held them, else from the scheduler's joules. Where jobs have more than IT, the unmeasured part is
-- negative, as an error to see, and the overhead is not shared.
with days as (
    select
        site_id,
        region,
        day,
        it_wh,
        facility_wh - it_wh as overhead_wh,
        quality
    from {{ ref('energy_daily') }}
    where quality <> 'incomplete'
),

sampled_days as (
    select distinct
        site_id,
        day
    from {{ ref('int_device_energy_days') }}
),

known_uses as (
    select
        site_id,
        day,
        case when job is null then 'idle' else 'job' end as share_kind,
        'all' as cluster,
        case when job is null then 'all' else coalesce(account, 'unknown') end as account,
        coalesce(job, 'all') as job,
        'device_samples' as basis,
        sum(energy_wh) as energy_wh
    from {{ ref('int_device_energy_days') }}
    group by site_id, day, account, job
    union all
    select
        joules.site_id,
        joules.day,
        'job' as share_kind,
        joules.cluster,
        coalesce(joules.account, 'unknown') as account,
        joules.job_id as job,
        'scheduler_joules' as basis,
        {{ half_up_div('sum(joules.energy_j)', '3600') }} as energy_wh
    from {{ ref('int_job_energy_days') }} as joules
    left join sampled_days
        on
            joules.site_id = sampled_days.site_id
            and joules.day = sampled_days.day
    where sampled_days.site_id is null
    group by joules.site_id, joules.day, joules.cluster, joules.account, joules.job_id
),

uses as (
    select
        site_id,
        day,
        share_kind,
        cluster,
        account,
        job,
        basis,
        cast(sum(energy_wh) as bigint) as energy_wh
    from known_uses
    group by site_id, day, share_kind, cluster, account, job, basis
),

used as (
    select
        site_id,
        day,
        sum(energy_wh) as energy_wh
    from uses
    group by site_id, day
),

it_shares as (
    select
        days.site_id,
        days.day,
        uses.share_kind,
        uses.cluster,
        uses.account,
        uses.job,
        uses.basis,
        uses.energy_wh
    from days
    inner join uses
        on
            days.site_id = uses.site_id
            and days.day = uses.day
    union all
    select
        days.site_id,
        days.day,
        'unmeasured' as share_kind,
        'all' as cluster,
        'all' as account,
        'all' as job,
        'meter' as basis,
        cast(days.it_wh - coalesce(used.energy_wh, 0) as bigint) as energy_wh
    from days
    left join used
        on
            days.site_id = used.site_id
            and days.day = used.day
),

claims as (
    select
        it_shares.*,
        days.region,
        days.quality,
        days.overhead_wh,
        min(it_shares.energy_wh) over (partition by it_shares.site_id, it_shares.day) < 0
        or days.overhead_wh < 0 as is_contradicted,
        days.it_wh,
        {{ exact_product('days.overhead_wh', 'it_shares.energy_wh') }} as claim
    from it_shares
    inner join days
        on
            it_shares.site_id = days.site_id
            and it_shares.day = days.day
),

floored as (
    select
        *,
        case when not is_contradicted and it_wh > 0 then claim % it_wh end as remainder,
        case
            when not is_contradicted and it_wh > 0 then {{ half_up_div('claim - claim % it_wh', 'it_wh') }}
        end as floor_wh
    from claims
),

ranked as (
    select
        *,
        overhead_wh - sum(floor_wh) over (partition by site_id, day) as left_over,
        row_number() over (
            partition by site_id, day
            order by remainder desc, share_kind asc, cluster asc, account asc, job asc
        ) as place
    from floored
)

select
    site_id,
    region,
    day,
    share_kind,
    cluster,
    account,
    job,
    energy_wh,
    cast(floor_wh + case when place <= left_over then 1 else 0 end as bigint) as overhead_share_wh,
    basis,
    case when is_contradicted then 'exceeds_meter' else quality end as quality
from ranked
union all
select
    days.site_id,
    days.region,
    days.day,
    'overhead' as share_kind,
    'all' as cluster,
    'all' as account,
    'all' as job,
    cast(days.overhead_wh as bigint) as energy_wh,
    cast(null as bigint) as overhead_share_wh,
    'meter' as basis,
    case when days.overhead_wh < 0 then 'exceeds_meter' else days.quality end as quality
from days

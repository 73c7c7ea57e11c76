-- Per dated reference dataset: the first business day from which the changed landings change anything. A key is as it
-- was when the landings that did not change already said of it what now counts, and no landing that stopped counting
-- said otherwise.
with versions as (
    select
        records.dataset,
        records.record_key,
        records.first_day,
        records.record_hash,
        case when landings.effective then landings.known_at end as known_at,
        changed.landing_id is not null as is_changed
    from {{ ref('int_reference_rows') }} as records
    inner join {{ source('inputs', 'landings') }} as landings
        on records.landing_id = landings.landing_id
    left join {{ source('inputs', 'changed_landings') }} as changed
        on records.landing_id = changed.landing_id
),

tops as (
    select
        *,
        max(known_at) over (partition by dataset, record_key) as new_top,
        max(case when not is_changed then known_at end) over (partition by dataset, record_key) as old_top
    from versions
),

revised as (
    select
        dataset,
        record_key,
        min(first_day) as first_day,
        min(case when known_at = new_top then record_hash end) as new_low,
        max(case when known_at = new_top then record_hash end) as new_high,
        min(case when known_at = old_top and not is_changed then record_hash end) as old_low,
        max(case when known_at = old_top and not is_changed then record_hash end) as old_high,
        min(case when is_changed and known_at is null then record_hash end) as gone_low,
        max(case when is_changed and known_at is null then record_hash end) as gone_high
    from tops
    group by dataset, record_key
    having bool_or(is_changed)
)

select
    dataset,
    min(first_day) as first_day
from revised
where
    new_low is distinct from old_low
    or new_high is distinct from old_high
    or (gone_low is not null and (gone_low is distinct from new_low or gone_high is distinct from new_high))
group by dataset

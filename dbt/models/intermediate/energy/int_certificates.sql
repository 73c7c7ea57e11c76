-- Green certificates as known now, each with whether it counts: not one whose versions contradict each other, and not
-- one that shares serial numbers of its registry with another.
with revisions as (
    {{ current_rows(ref('stg_green_certificates'), natural_keys()['green_certificates']) }}
),

doubled as (
    select distinct ours.certificate_id
    from revisions as ours
    inner join revisions as theirs
        on
            ours.registry = theirs.registry
            and ours.certificate_id <> theirs.certificate_id
            and ours.serial_first <= theirs.serial_last
            and ours.serial_last >= theirs.serial_first
    where not ours.is_conflict and not theirs.is_conflict
)

select
    revisions.certificate_id,
    cast(row_number() over (partition by revisions.certificate_id order by revisions.record_hash) as bigint) as version,
    revisions.site_id,
    revisions.certificate_from,
    revisions.certificate_to,
    {{ epoch_micros('revisions.certificate_from') }} as from_us,
    {{ epoch_micros('revisions.certificate_to') }} as to_us,
    revisions.certificate_wh,
    revisions.record_hash,
    revisions.landing_id,
    revisions.landing_row,
    case
        when revisions.is_conflict then 'conflict'
        when doubled.certificate_id is not null then 'double_claim'
        else 'counted'
    end as status
from revisions
left join doubled
    on revisions.certificate_id = doubled.certificate_id

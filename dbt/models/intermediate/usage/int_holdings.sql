-- Who held what, from when until when: jobs, machines and pods as known now, in thousandths of cores and cards; NULL
-- where nothing says how many. What runs is held to its layer's watermark. Class, pool and cards come from the partition
-- of a job and from the site's rules for nodes and flavors of an instance; a pool without cards proves that there were
-- none. Without a rule an instance with cards is intelligent, one that has none general.
{{ config(materialized='view') }}
with places as (
    select distinct
        site_id,
        node,
        flavor
    from {{ ref('int_instances') }}
),

ruled as (
    select
        places.site_id,
        places.node,
        places.flavor,
        min(rules.rule_no) as rule_no
    from places
    inner join {{ source('inputs', 'site_instances') }} as rules
        on
            places.site_id = rules.site_id
            and case
                when rules.is_prefix
                    then substr(
                        case rules.matches when 'node' then places.node else places.flavor end,
                        1,
                        length(rules.pattern)
                    )
                else case rules.matches when 'node' then places.node else places.flavor end
            end = rules.pattern
    group by places.site_id, places.node, places.flavor
),

held as (
    select
        jobs.source_id,
        jobs.record_hash,
        jobs.landing_id,
        jobs.landing_row,
        jobs.site_id,
        jobs.account,
        jobs.qos,
        'job' as layer,
        jobs.node,
        cast(null as string) as device_ids,
        coalesce(partitions.compute_class, 'unknown') as compute_class,
        jobs.cpu_cores * 1000 as core_milli,
        case
            when jobs.accelerators is not null then jobs.accelerators * 1000
            when partitions.partition is not null and partitions.accelerator_model is null then 0
        end as accelerator_milli,
        jobs.accelerator_model as sent_model,
        partitions.accelerator_model as pool_model,
        jobs.start_s,
        jobs.end_s,
        jobs.is_conflict
    from {{ ref('int_jobs') }} as jobs
    left join {{ source('inputs', 'site_partitions') }} as partitions
        on
            jobs.site_id = partitions.site_id
            and jobs.partition = partitions.partition
    where jobs.state_rank >= 1
    union all
    select
        instances.source_id,
        instances.record_hash,
        instances.landing_id,
        instances.landing_row,
        instances.site_id,
        instances.account,
        cast(null as string) as qos,
        instances.layer,
        instances.node,
        instances.device_ids,
        coalesce(
            rules.compute_class,
            case
                when instances.accelerator_milli > 0 then 'intelligent'
                when instances.accelerator_milli = 0 then 'general'
                else 'unknown'
            end
        ) as compute_class,
        instances.core_milli,
        case
            when instances.accelerator_milli is not null then instances.accelerator_milli
            when rules.rule_no is not null and rules.accelerator_model is null then 0
        end as accelerator_milli,
        instances.accelerator_model as sent_model,
        rules.accelerator_model as pool_model,
        instances.start_s,
        instances.end_s,
        instances.is_conflict
    from {{ ref('int_instances') }} as instances
    left join ruled
        on
            instances.site_id = ruled.site_id
            and instances.node is not distinct from ruled.node
            and instances.flavor is not distinct from ruled.flavor
    left join {{ source('inputs', 'site_instances') }} as rules
        on
            ruled.site_id = rules.site_id
            and ruled.rule_no = rules.rule_no
    where instances.state_rank >= 1
)

select
    held.record_hash,
    held.landing_id,
    held.landing_row,
    held.source_id,
    held.site_id,
    held.account,
    held.qos,
    held.layer,
    held.node,
    held.device_ids,
    held.compute_class,
    held.core_milli,
    held.accelerator_milli,
    coalesce(aliases.model, held.sent_model, held.pool_model, 'unknown') as accelerator_model,
    held.start_s,
    coalesce(held.end_s, horizon.watermark_s) as until_s,
    held.end_s is null as is_open,
    held.is_conflict
from held
left join {{ ref('device_aliases') }} as aliases
    on lower(held.sent_model) = aliases.alias
inner join {{ ref('int_feed_horizon') }} as horizon
    on
        held.source_id = horizon.source_id
        and held.layer = horizon.layer
where coalesce(held.end_s, horizon.watermark_s) > held.start_s

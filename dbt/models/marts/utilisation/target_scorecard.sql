-- Every figure that others reached, expected, planned, aimed at or made a rule, apart, with what this network's sites
-- make of it: a value with its basis, or why it cannot be computed. The rule of low utilisation has a row per place.
with places as (
    select distinct
        scope_kind,
        scope_id,
        region,
        sites
    from {{ ref('int_scorecard_figures') }}
    where scope_kind <> 'circle'
),

asked as (
    select
        targets.target_id,
        targets.indicator,
        targets.kind,
        targets.name_en,
        targets.name_zh,
        targets.comparison,
        targets.target_value,
        targets.unit,
        targets.stated_for,
        targets.due_on,
        targets.source,
        coalesce(targets.note like '%classes are added%', false) as adds_classes,
        coalesce(places.scope_kind, targets.scope_kind) as scope_kind,
        coalesce(places.scope_id, targets.scope_id) as scope_id,
        coalesce(places.region, circles.from_region, targets.scope_id) as region,
        coalesce(places.sites, 0) as sites
    from {{ ref('network_targets') }} as targets
    left join places
        on
            (targets.scope_kind = 'any' or targets.scope_kind = places.scope_kind)
            and (targets.scope_kind = 'any' or targets.scope_id = places.scope_id)
    left join {{ ref('latency_circles') }} as circles
        on
            targets.scope_kind = 'circle'
            and targets.scope_id = circles.circle_id
),

valued as (
    select
        asked.*,
        figures.resource_kind,
        figures.period_from,
        figures.as_of,
        figures.days,
        figures.sites_counted,
        figures.met,
        case when asked.indicator in ('ai_compute', 'large_centres') then 'fp16' end as precision,
        {{ share_of('figures.numerator', "figures.denominator * case asked.unit when 'EFLOPS' then 1000 else 1 end") }}
            as value,
        {{ share_of('figures.estimated', 'figures.numerator') }} as estimated_share,
        {{ share_of(
            'figures.numerator_before',
            "figures.denominator_before * case asked.unit when 'EFLOPS' then 1000 else 1 end"
        ) }} as value_before
    from asked
    left join {{ ref('int_scorecard_figures') }} as figures
        on
            asked.indicator = figures.indicator
            and asked.scope_kind = figures.scope_kind
            and asked.scope_id = figures.scope_id
),

reasoned as (
    select
        *,
        case
            when value is not null then null
            when adds_classes then 'classes_added'
            when indicator = 'latency' then 'no_probes'
            when sites = 0 then 'no_site'
            when indicator in ('utilisation', 'supercomputer_utilisation') and days is null then 'no_usage'
            when indicator in ('utilisation', 'supercomputer_utilisation') then 'supply_unknown'
            when indicator in ('standard_racks', 'rack_utilisation') then 'no_racks'
            when sites_counted is null then 'no_capacity'
            else 'peak_unknown'
        end as reason
    from valued
),

judged as (
    select
        *,
        case comparison
            when 'gt' then value > target_value
            when 'ge' then value >= target_value
            when 'lt' then value < target_value
            when 'le' then value <= target_value and coalesce(met, true)
        end as holds
    from reasoned
)

select
    target_id,
    scope_kind,
    scope_id,
    resource_kind,
    region,
    indicator,
    kind as target_kind,
    name_en,
    name_zh,
    comparison,
    target_value,
    unit,
    stated_for,
    due_on,
    value,
    value_before,
    value - value_before as trend,
    case when value is not null then estimated_share end as estimated_share,
    case
        when value is null then 'cannot_be_computed'
        when kind in ('reached', 'planned', 'expected') then kind || '_figure'
        when kind = 'rule' and holds then 'flagged'
        when kind = 'rule' then 'not_flagged'
        when holds then 'met'
        else 'not_met'
    end as status,
    precision,
    period_from,
    as_of,
    days,
    case when indicator = 'latency' then coalesce(sites_counted, 0) else sites end as sites,
    case when value is not null then sites_counted end as sites_counted,
    case
        when value is null then null
        when indicator in ('utilisation', 'supercomputer_utilisation')
            then
                'allocated ÷ installed unit-seconds of this network''s sites, sums over the days of the last 30 that are '
                || 'known, with estimates for sites that fell silent'
        when indicator in ('ai_compute', 'large_centres')
            then 'dense FP16 peak of the AI class installed at this network''s sites; the source states no precision'
        when indicator = 'standard_racks' then 'installed standard racks of this network''s sites that state them'
        when indicator = 'rack_utilisation'
            then 'occupied ÷ installed standard racks of this network''s sites that state them'
        when indicator = 'latency'
            then 'worst 95th percentile of any pair of sites decided that day, one-way or half a round trip; losses count against it'
        else 'sites of this network that are no public cloud, as configured'
    end as basis_en,
    case
        when value is null then null
        when indicator in ('utilisation', 'supercomputer_utilisation')
            then '本网节点分配÷装机单位秒，最近 30 日中已知各日之和，含对未报送节点的估算'
        when indicator in ('ai_compute', 'large_centres') then '本网节点智算装机的 FP16 稠密峰值；来源未注明精度'
        when indicator = 'standard_racks' then '本网已申报机架的节点的标准机架数'
        when indicator = 'rack_utilisation' then '本网已申报机架的节点的已上架÷标准机架数'
        when indicator = 'latency' then '当日可判定的各节点对中最差的第 95 百分位时延（单向，或往返之半）；丢包计为未达标'
        else '本网已配置的非公有云节点数'
    end as basis_zh,
    reason,
    case reason
        when 'classes_added'
            then 'cannot be computed because the source adds classes without a precision, and no dated conversion is at hand'
        when 'no_probes' then 'cannot be computed because no published probe result covers the circle'
        when 'no_site' then 'cannot be computed because no site of this network lies there'
        when 'no_usage' then 'cannot be computed because no usage of the place is known'
        when 'supply_unknown' then 'cannot be computed because the capacity or usage of part of the period is not known'
        when 'no_racks' then 'cannot be computed because no site of the place states its racks'
        when 'no_capacity' then 'cannot be computed because no site of the place states its capacity'
        when 'peak_unknown' then 'cannot be computed because no public source states the FP16 peak of something installed'
    end as reason_en,
    case reason
        when 'classes_added' then '无法计算：来源将不同算力类型相加且未注明精度，并无有日期可查的精度换算'
        when 'no_probes' then '无法计算：没有覆盖该时延圈的已发布探测结果'
        when 'no_site' then '无法计算：本网在该地没有节点'
        when 'no_usage' then '无法计算：该地没有已知的用量'
        when 'supply_unknown' then '无法计算：期间部分容量或用量未知'
        when 'no_racks' then '无法计算：该地没有节点申报机架'
        when 'no_capacity' then '无法计算：该地没有节点申报容量'
        when 'peak_unknown' then '无法计算：部分装机设备无公开的 FP16 峰值'
    end as reason_zh,
    source
from judged

-- Usage by region, day, class, resource kind and customer segment, so that no tenant group's share can be told.
-- A row is a region's day of one class and kind, its cells are the four segments, used or not, and what belongs to no
-- tenant, where there is any: the cells add up to what utilisation_daily publishes as allocated, but on the newest days,
-- where a site's hours end with its slowest feed and usage does not. A cell is hidden where
-- fewer than three tenant groups stand behind it or one has more than 85 % of it. What is hidden can be had together by
-- subtraction: the smallest other cells, ties by name, are hidden with it until it is two cells at least and stands the
-- same rule as one. A tenant without a group is its own; an account of no tenant is taken for one.
{{ day_fact() }}
with tenants as (
    {{ dated(ref('int_current_tenants'), ['tenant_id']) }}
),

segments as (
    {% for segment in ['park', 'enterprise', 'campus', 'household'] -%}
    select '{{ segment }}' as segment
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

used as (
    select
        lines.day,
        sites.region,
        lines.compute_class,
        lines.resource_kind,
        coalesce(tenants.segment, 'unattributed') as segment,
        coalesce(
            tenants.group_party_id,
            tenants.tenant_id,
            lines.site_id || '|' || coalesce(lines.account, '')
        ) as tenant_group,
        cast(sum(lines.quantity) as bigint) as quantity
    from {{ ref('int_usage_days') }} as lines
    inner join {{ source('inputs', 'sites') }} as sites
        on lines.site_id = sites.site_id
    left join {{ ref('int_account_days') }} as accounts
        on
            lines.day = accounts.day
            and lines.site_id = accounts.site_id
            and lines.account = accounts.account
    left join tenants
        on
            accounts.tenant_id = tenants.tenant_id
            and {{ in_force('lines.day', 'tenants') }}
    where
        not lines.is_conflict
        and lines.quantity > 0
        and {{ is_changed_day('lines.day') }}
    group by
        lines.day,
        sites.region,
        lines.compute_class,
        lines.resource_kind,
        coalesce(tenants.segment, 'unattributed'),
        coalesce(
            tenants.group_party_id,
            tenants.tenant_id,
            lines.site_id || '|' || coalesce(lines.account, '')
        )
),

cells as (
    select
        day,
        region,
        compute_class,
        resource_kind,
        segment,
        cast(sum(quantity) as bigint) as unit_seconds,
        count(quantity) < 3 or max(quantity) * 100 > sum(quantity) * 85 as is_primary
    from (
        select
            day,
            region,
            compute_class,
            resource_kind,
            segment,
            quantity
        from used
        union all
        select distinct
            used.day,
            used.region,
            used.compute_class,
            used.resource_kind,
            segments.segment,
            cast(null as bigint) as quantity
        from used
        cross join segments
    ) as behind
    group by day, region, compute_class, resource_kind, segment
),

ranked as (
    select
        *,
        row_number() over (
            partition by day, region, compute_class, resource_kind
            order by
                case when is_primary then 0 else 1 end,
                coalesce(unit_seconds, 0),
                segment
        ) as place,
        sum(case when is_primary then 1 else 0 end) over (
            partition by day, region, compute_class, resource_kind
        ) as primaries
    from cells
),

-- what the first cells of a row, taken together, hold of each tenant group
shares as (
    select
        ranked.day,
        ranked.region,
        ranked.compute_class,
        ranked.resource_kind,
        ranked.place,
        used.tenant_group,
        sum(used.quantity) as quantity
    from ranked
    inner join ranked as hidden
        on
            ranked.day = hidden.day
            and ranked.region = hidden.region
            and ranked.compute_class = hidden.compute_class
            and ranked.resource_kind = hidden.resource_kind
            and ranked.place >= hidden.place
    inner join used
        on
            hidden.day = used.day
            and hidden.region = used.region
            and hidden.compute_class = used.compute_class
            and hidden.resource_kind = used.resource_kind
            and hidden.segment = used.segment
    where ranked.primaries > 0
    group by
        ranked.day,
        ranked.region,
        ranked.compute_class,
        ranked.resource_kind,
        ranked.place,
        used.tenant_group
),

safe as (
    select
        day,
        region,
        compute_class,
        resource_kind,
        place
    from shares
    group by day, region, compute_class, resource_kind, place
    having count(*) >= 3 and max(quantity) * 100 <= sum(quantity) * 85
),

hidden as (
    select
        ranked.day,
        ranked.region,
        ranked.compute_class,
        ranked.resource_kind,
        min(safe.place) as last_place
    from ranked
    left join safe
        on
            ranked.day = safe.day
            and ranked.region = safe.region
            and ranked.compute_class = safe.compute_class
            and ranked.resource_kind = safe.resource_kind
            and safe.place >= 2
            and ranked.primaries <= safe.place
    where ranked.primaries > 0
    group by ranked.day, ranked.region, ranked.compute_class, ranked.resource_kind
),

judged as (
    select
        ranked.*,
        hidden.day is not null and coalesce(ranked.place <= hidden.last_place, true) as suppressed
    from ranked
    left join hidden
        on
            ranked.day = hidden.day
            and ranked.region = hidden.region
            and ranked.compute_class = hidden.compute_class
            and ranked.resource_kind = hidden.resource_kind
)

select
    day,
    region,
    compute_class,
    resource_kind,
    segment,
    case when not suppressed then coalesce(unit_seconds, 0) end as unit_seconds,
    {{ hours_of('case when not suppressed then coalesce(unit_seconds, 0) end') }} as usage_hours,
    suppressed
from judged

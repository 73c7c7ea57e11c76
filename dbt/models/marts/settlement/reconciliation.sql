-- What sources declared of a month's days against what was found of them, and what was used against what is in bills.
-- Days without a declaration and records of unknown quantity are left out of the sums and counted: a row with any is
-- unknown unless it differs anyway. Declarations count by the day of their contract's control, quantities by the day
-- of use, so that each pair is of the same month. A table: it reads all usage, which a view would do for every reader.
with feeds as (
    {%- for measure, declared, found in [
        ('records', 'declared', 'found'), ('control_sum', 'declared_control_sum', 'found_control_sum'),
    ] %}
    select
        {{ period_of_day('day') }} as period,
        source_id,
        dataset as subject,
        '{{ measure }}' as measure,
        cast(sum({{ declared }}) as decimal(38, 6)) as declared,
        cast(sum(case when {{ declared }} is not null then {{ found }} end) as decimal(38, 6)) as metered,
        cast(null as decimal(38, 6)) as billed,
        count(case when {{ declared }} is null then 1 end) as unknowns
    from {{ ref('completeness_daily') }}
    group by {{ period_of_day('day') }}, source_id, dataset
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

used as (
    select
        period,
        site_id,
        unit,
        sum(quantity) as metered,
        sum(case when reason is null then quantity end) as billed,
        0 as unknowns
    from {{ ref('metered_usage') }}
    where reason is distinct from 'nested'
    group by period, site_id, unit
    union all
    select
        {{ period_of_day('day') }} as period,
        site_id,
        {{ quantity_unit('resource_kind') }} as unit,
        cast(null as bigint) as metered,
        cast(null as bigint) as billed,
        sum(records) as unknowns
    from {{ ref('unknown_usage') }}
    group by {{ period_of_day('day') }}, site_id, {{ quantity_unit('resource_kind') }}
),

quantities as (
    select
        used.period,
        sites.source_id,
        used.unit as subject,
        'quantity' as measure,
        cast(null as decimal(38, 6)) as declared,
        cast(sum(used.metered) as decimal(38, 6)) as metered,
        cast(coalesce(sum(used.billed), 0) as decimal(38, 6)) as billed,
        sum(used.unknowns) as unknowns
    from used
    inner join {{ source('inputs', 'sites') }} as sites
        on used.site_id = sites.site_id
    group by used.period, sites.source_id, used.unit
),

compared as (
    select
        feeds.*,
        feeds.metered - feeds.declared as difference,
        feeds.declared as base
    from feeds
    union all
    select
        quantities.*,
        quantities.billed - quantities.metered as difference,
        quantities.metered as base
    from quantities
)

select
    compared.period,
    compared.source_id,
    compared.subject,
    compared.measure,
    sites.site_id,
    compared.declared,
    compared.metered,
    compared.billed,
    cast(compared.unknowns as bigint) as unknowns,
    cast(compared.difference as decimal(38, 6)) as difference,
    {{ share_of('compared.difference', 'compared.base') }} as relative_difference,
    cast({{ tolerance_ppm() }} as bigint) as tolerance_ppm,
    known.day as as_of,
    {{ age_in_days(last_day_of('compared.period'), 'known.day') }} as age_days,
    {{ reconciliation_status('compared.difference', 'compared.base', 'compared.unknowns > 0') }} as status
from compared
cross join {{ ref('int_known_day') }} as known
left join {{ source('inputs', 'sites') }} as sites
    on compared.source_id = sites.source_id

-- What share rules guarantee the parties of the sites at which something is sold by them, per calendar month. The rule in
-- force on the month's first day counts, as it does for terms of contracts; a month stands once usage has reached its
-- last day, so that a running month shows no shortfall. The network operator guarantees itself nothing.
with days as (
    select {{ explode_days(month_start('first_day'), 'last_day') }} as day
    from {{ ref('int_usage_extent') }}
    where first_day <= last_day
),

months as (
    select days.day as first_day
    from days
    cross join {{ ref('int_usage_extent') }} as extent
    where
        days.day = {{ month_start('days.day') }}
        and extent.last_day >= last_day(days.day)
),

rules as (
    {{ dated(ref('int_current_revenue_shares'), ['share_rule']) }}
),

skus as (
    {{ dated(ref('int_current_skus'), ['sku_id']) }}
),

sold as (
    select distinct
        months.first_day,
        skus.site_id,
        skus.share_rule
    from months
    inner join skus
        on {{ in_force('months.first_day', 'skus') }}
),

in_force_rules as (
    select
        sold.first_day,
        sold.share_rule,
        rules.valid_from as share_valid_from,
        rules.provider_minimum,
        rules.operator_minimum,
        sites.provider_party,
        sites.operator_party
    from sold
    inner join rules
        on
            sold.share_rule = rules.share_rule
            and {{ in_force('sold.first_day', 'rules') }}
    inner join {{ source('inputs', 'sites') }} as sites
        on sold.site_id = sites.site_id
)

{% for role in ['provider', 'operator'] %}
select distinct
    {{ period_of_day('first_day') }} as period,
    share_rule,
    share_valid_from,
    '{{ role }}' as role,
    {{ role }}_party as party_id,
    {{ half_up_div(micro(role ~ '_minimum'), 10000) }} as guaranteed_fen
from in_force_rules
where
    {{ role }}_minimum is not null
    and {{ role }}_party is not null
{{ 'union all' if not loop.last }}
{% endfor %}

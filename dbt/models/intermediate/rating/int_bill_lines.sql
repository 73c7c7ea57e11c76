-- Lines of providers' bills in micro-yuan, by business day: exact decimals become micro-yuan once per provider, account,
-- period and currency, the total half up and shared over the lines by largest remainder, ties by line. Other currencies
-- are converted by the rate of the bill's month; without a rate a line has no amount. A line's day is the one on which its
-- charge period begins, else the first of the bill's month. Its account is the sub-account, else the billing account.
-- An amount has 10^-18 of its currency's unit and a rate 10^-8: their product is whole in 10^-26 of a yuan.
{{ day_fact() }}
{%- set bill = ['provider', 'billing_account', 'billing_period'] %}
{%- set per_micro_yuan = '100000000000000000000' %}
with bills as (
    select distinct
        {{ bill | join(', ') }}
    from {{ ref('stg_cloud_charges') }}
    where {{ is_changed_day(bill_day()) }}
),

versions as (
    select
        records.*,
        {{ bill_day('records.') }} as day
    from {{ ref('stg_cloud_charges') }} as records
    inner join bills
        on {{ columns_equal(bill, 'records', 'bills') }}
),

lines as (
    {{ current_rows('versions', natural_keys()['cloud_charges']) }}
),

amounts as (
    select
        lines.*,
        {{ exact_product(
            atto('lines.billed_cost'),
            "case when lines.billing_currency = 'CNY' then 100000000 else " ~ hundred_millionths('rates.rate') ~ ' end'
        ) }} as amount
    from lines
    left join {{ ref('int_current_fx_rates') }} as rates
        on
            lines.billing_currency = rates.currency
            and lines.billing_period = rates.{{ adapter.quote('month') }}
),

floored as (
    select
        *,
        {{ floor_div('amount', per_micro_yuan) }} as floor_micro_yuan
    from amounts
),

remainders as (
    select
        *,
        amount - {{ exact_product('floor_micro_yuan', per_micro_yuan) }} as remainder,
        sum(amount) over (
            partition by {{ bill | join(', ') }}, billing_currency, is_conflict
        ) as total_amount,
        sum(floor_micro_yuan) over (
            partition by {{ bill | join(', ') }}, billing_currency, is_conflict
        ) as total_floor
    from floored
),

ranked as (
    select
        *,
        {{ half_up_div('total_amount', per_micro_yuan) }} - total_floor as left_over,
        row_number() over (
            partition by {{ bill | join(', ') }}, billing_currency, is_conflict
            order by remainder desc, line_id asc, line_ordinal asc, record_hash asc
        ) as place
    from remainders
)

select
    ranked.record_hash,
    ranked.landing_id,
    ranked.landing_row,
    sites.site_id,
    coalesce(ranked.sub_account_id, ranked.billing_account) as account,
    ranked.day,
    coalesce(ranked.service_name, 'unknown') as model,
    ranked.provider,
    ranked.service_name,
    ranked.sku_id as provider_sku_id,
    ranked.charge_category,
    ranked.consumed_quantity,
    ranked.consumed_unit,
    cast(
        ranked.floor_micro_yuan + case when ranked.place <= ranked.left_over then 1 else 0 end as bigint
    ) as quantity,
    ranked.is_conflict
from ranked
inner join {{ source('inputs', 'sites') }} as sites
    on ranked.source_id = sites.source_id
where {{ is_changed_day('ranked.day') }}

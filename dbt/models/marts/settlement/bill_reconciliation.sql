-- What a cloud provider billed an account for a month, exact as billed, against what was recorded of the account as usage
-- to pass on, in micro-yuan. What was not recorded at all is unknown, not nothing. The difference is of 37 digits: of two
-- amounts of 38, Spark would round the last one away.
{{ config(materialized='view') }}
with revisions as (
    {{ current_rows(ref('stg_cloud_charges'), natural_keys()['cloud_charges']) }}
),

bills as (
    select
        billing_period as period,
        source_id,
        provider,
        billing_account,
        billing_currency,
        count(case when not is_conflict then 1 end) as bill_lines,
        coalesce(sum(case when not is_conflict then billed_cost end), 0) as billed,
        count(case when is_conflict then 1 end) as unknowns
    from revisions
    group by billing_period, source_id, provider, billing_account, billing_currency
),

-- usage is recorded under the sub-account where the bill names one
accounts as (
    select distinct
        billing_period as period,
        source_id,
        billing_account,
        coalesce(sub_account_id, billing_account) as account
    from revisions
),

recorded as (
    select
        accounts.period,
        accounts.source_id,
        accounts.billing_account,
        sum(usage_lines.quantity) as micro_yuan
    from {{ ref('metered_usage') }} as usage_lines
    inner join {{ source('inputs', 'sites') }} as sites
        on usage_lines.site_id = sites.site_id
    inner join accounts
        on
            usage_lines.period = accounts.period
            and sites.source_id = accounts.source_id
            and usage_lines.account = accounts.account
    where usage_lines.unit = 'micro-CNY'
    group by accounts.period, accounts.source_id, accounts.billing_account
),

compared as (
    select
        bills.period,
        bills.source_id,
        bills.provider,
        bills.billing_account,
        bills.billing_currency,
        bills.bill_lines,
        bills.unknowns,
        cast(bills.billed as decimal(38, 18)) as provider_billed,
        cast(cast(recorded.micro_yuan as decimal(19, 0)) * 0.000001 as decimal(38, 18)) as recorded
    from bills
    left join recorded
        on
            bills.period = recorded.period
            and bills.source_id = recorded.source_id
            and bills.billing_account = recorded.billing_account
            and bills.billing_currency = 'CNY'
),

differences as (
    select
        compared.*,
        cast(
            cast(compared.recorded as decimal(37, 18)) - cast(compared.provider_billed as decimal(37, 18)) as decimal(38, 18)
        ) as difference
    from compared
)

select
    differences.period,
    differences.source_id,
    differences.provider,
    differences.billing_account,
    differences.billing_currency,
    sites.site_id,
    differences.bill_lines,
    differences.provider_billed,
    differences.recorded,
    differences.difference,
    {{ share_of('differences.difference', 'differences.provider_billed') }} as relative_difference,
    cast({{ tolerance_ppm() }} as bigint) as tolerance_ppm,
    known.day as as_of,
    {{ age_in_days(last_day_of('differences.period'), 'known.day') }} as age_days,
    {{ reconciliation_status('differences.difference', 'differences.provider_billed', 'differences.unknowns > 0') }} as status
from differences
cross join {{ ref('int_known_day') }} as known
left join {{ source('inputs', 'sites') }} as sites
    on differences.source_id = sites.source_id

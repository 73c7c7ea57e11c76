-- Usage of sold kinds of which nobody knows how much it was, by record and business day, at sites that sell the kind: what
-- a volume kept between two observations, more than two days after the earlier one, and what a line carried where its
-- record does not say both directions. It is in no quantity, and nothing bills it as zero.
{{ config(materialized='view') }}
with observations as (
    {{ current_rows(ref('stg_storage_records'), natural_keys()['storage_records']) }}
),

volumes as (
    select
        *,
        {{ business_day('observed_at') }} as observed_day,
        lead({{ business_day('observed_at') }}) over (partition by site_id, volume_id order by observed_at) as next_day
    from observations
),

unknown as (
    select
        record_hash,
        site_id,
        account,
        {{ explode_days(add_days('observed_day', 3), add_days('next_day', -1)) }} as day,
        'storage' as resource_kind,
        coalesce(tier, 'unknown') as model
    from volumes
    where {{ days_between('observed_day', 'next_day') }} > 3
    union all
    select
        record_hash,
        site_id,
        account,
        day,
        resource_kind,
        model
    from {{ ref('int_line_days') }}
    where
        quantity is null
        and not is_conflict
)

select
    unknown.record_hash,
    unknown.site_id,
    unknown.account,
    unknown.day,
    'unknown' as compute_class,
    unknown.resource_kind,
    unknown.model
from unknown
where exists (
    select 1
    from {{ ref('int_current_skus') }} as skus
    where
        unknown.site_id = skus.site_id
        and unknown.resource_kind = skus.resource_kind
)

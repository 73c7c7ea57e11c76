-- What was found of facility_readings per source and control day, as its contract counts.
{{ day_fact() }}
with versions as (
    select
        records.*,
        {{ business_day('records.read_at') }} as day
    from {{ ref('stg_facility_readings') }} as records
    where {{ is_changed_day(business_day('records.read_at')) }}
),

revisions as (
    {{ current_rows('versions', natural_keys()['facility_readings']) }}
),

standing as (
    select *
    from revisions
    where not is_conflict
)

{{ control_totals('facility_readings') }}

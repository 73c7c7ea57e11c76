-- What the charges of closed periods must be corrected by. Of each charge: known now − closed − corrections of it that
-- closed periods hold, booked in the first open period, the month after the last closed one. What one side does not have
-- counts as nothing there; what a charge is about comes from what is known now, else from what was closed, else from the
-- newest correction. Only what differs is here, and rounding to fen is the line's matter on all sides. Made whole in every
-- run from charges, never from jobs.
{%- set measures = ['quantity', 'list_micro_yuan', 'contracted_micro_yuan', 'effective_micro_yuan', 'billed_micro_yuan'] %}
{%- set about = [
    'tenant_id', 'site_id', 'sku_id', 'tariff_id', 'tariff_version', 'price_model', 'band_from', 'price_window', 'qos',
    'coverage', 'contract_id', 'unit_price_micro_yuan', 'contracted_unit_price_micro_yuan', 'tax_included', 'tax_rate_ppm',
    'share_rule', 'share_valid_from', 'charge_category', 'line_kind',
] %}
with first_open as (
    select {{ following_period('max(period)') }} as period
    from {{ ref('int_closed_periods') }}
),

known as (
    select
        charges.charge_id as corrected_id,
        charges.billing_period,
        charges.day,
        charges.until_day,
        {{ charged_unit('charges.resource_kind', 'charges.price_unit') }} as unit,
        {%- for column in about + measures %}
        charges.{{ column }},
        {%- endfor %}
        1 as side
    from {{ ref('int_known_charges') }} as charges
    where {{ is_closed('charges.billing_period') }}
),

frozen as (
    select
        coalesce(charges.correction_of, charges.charge_id) as corrected_id,
        charges.billing_period,
        {{ business_day('charges.charge_period_start') }} as day,
        {{ business_day('charges.charge_period_end') }} as until_day,
        charges.unit,
        {%- for column in about %}
        {%- if column == 'price_window' %}
        charges.{{ quote_window() }} as price_window,
        {%- else %}
        charges.{{ column }},
        {%- endif %}
        {%- endfor %}
        {%- for measure in measures %}
        -charges.{{ measure | replace('_micro_yuan', '_cost_micro_yuan') }} as {{ measure }},
        {%- endfor %}
        case when charges.charge_class is null then 2 else 3 end as side
    from {{ source('ledger', 'closed_charges') }} as charges
    where charges.charge_category != 'Adjustment'
),

sides as (
    select * from known
    union all
    select * from frozen
),

differences as (
    select
        sides.corrected_id,
        sides.day,
        sides.until_day,
        sides.unit,
        {%- for column in about %}
        sides.{{ column }},
        {%- endfor %}
        {%- for measure in measures %}
        sum(sides.{{ measure }}) over (partition by sides.corrected_id) as {{ measure }},
        {%- endfor %}
        row_number() over (
            partition by sides.corrected_id order by sides.side asc, sides.billing_period desc
        ) as place
    from sides
),

booked as (
    select
        differences.*,
        first_open.period as billing_period,
        {{ period_of_day('differences.day') }} as charge_month,
        'Correction' as charge_class
    from differences
    cross join first_open
    where
        differences.place = 1
        and (
            {%- for measure in measures %}
            {{ 'or ' if not loop.first }}coalesce(differences.{{ measure }}, 0) != 0
            {%- endfor %}
        )
)

select
    {{ sha_id(["'Correction'", 'booked.corrected_id', 'booked.billing_period']) }} as charge_id,
    {{ sha_id(line_key().split(', ')) }} as line_id,
    booked.corrected_id as correction_of,
    booked.billing_period,
    booked.charge_month,
    booked.charge_class,
    booked.day,
    booked.until_day,
    {%- for column in about %}
    booked.{{ column }},
    {%- endfor %}
    {%- for measure in measures %}
    cast(booked.{{ measure }} as bigint) as {{ measure }},
    {%- endfor %}
    case when booked.quantity is not null then booked.unit end as unit
from booked

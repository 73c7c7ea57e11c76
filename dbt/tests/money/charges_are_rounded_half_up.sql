-- Bad rows: charges whose list or contracted cost is not price × quantity ÷ unit rounded half up, whose tax is not the tax
-- of the amount rounded half up, or that are billed otherwise than at the contracted price or, where a contract covers
-- them, nothing.
{%- set measures = ['list', 'contracted'] %}
with pairs as (
    select
        charges.charge_id,
        charges.coverage,
        charges.quantity,
        charges.unit_price_micro_yuan as list_price,
        charges.contracted_unit_price_micro_yuan as contracted_price,
        charges.tax_rate_ppm as ppm,
        charges.tax_included,
        {{ quantity_per_unit('charges.price_unit', days_in_month('charges.day')) }} as unit,
        charges.contracted_micro_yuan as contracted_usage,
        taxes.contracted_micro_yuan as contracted_tax,
        charges.list_micro_yuan as list_usage,
        taxes.list_micro_yuan as list_tax,
        charges.billed_micro_yuan as billed_usage,
        taxes.billed_micro_yuan as billed_tax
    from {{ ref('int_charges') }} as charges
    left join {{ ref('int_charges') }} as taxes
        on taxes.charge_id = {{ sha_id(["'Tax'", 'charges.charge_id']) }}
    where
        charges.charge_category = 'Usage'
        and charges.unit_price_micro_yuan is not null
),

amounts as (
    select
        pairs.*,
        {%- for measure in measures %}
        {{ exact_product('pairs.' ~ measure ~ '_price', 'pairs.quantity') }} as {{ measure }}_priced,
        case
            when pairs.tax_included then pairs.{{ measure }}_usage + pairs.{{ measure }}_tax
            else pairs.{{ measure }}_usage
        end as {{ measure }}_amount,
        {%- endfor %}
        case when pairs.tax_included then 1000000 + pairs.ppm else 1000000 end as tax_base
    from pairs
)

select *
from amounts
where
    contracted_tax is null
    {%- for measure in measures %}
    or not {{ is_half_up(measure ~ '_amount', measure ~ '_priced', 'unit') }}
    or not {{ is_half_up(measure ~ '_tax', exact_product(measure ~ '_amount', 'ppm'), 'tax_base') }}
    {%- endfor %}
    or billed_usage <> case when coverage is null then contracted_usage else 0 end
    or billed_tax <> case when coverage is null then contracted_tax else 0 end

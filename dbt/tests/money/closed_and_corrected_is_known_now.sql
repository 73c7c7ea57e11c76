-- Bad rows: charges of closed periods of which what was closed and all corrections, closed or open, do not sum to what is
-- known now, measure by measure, to the micro-yuan. Rounding to fen is the lines' matter on either side.
{%- set measures = ['list', 'contracted', 'effective', 'billed'] %}
with sides as (
    select
        coalesce(correction_of, charge_id) as charge_id,
        {%- for measure in measures %}
        {{ measure }}_cost_micro_yuan as {{ measure }},
        {%- endfor %}
        coalesce(quantity, 0) as quantity
    from {{ ref('charges') }}
    where
        charge_category != 'Adjustment'
        and (charge_class is not null or {{ is_closed('billing_period') }})
    union all
    select
        charge_id,
        {%- for measure in measures %}
        -{{ measure }}_micro_yuan as {{ measure }},
        {%- endfor %}
        -coalesce(quantity, 0) as quantity
    from {{ ref('int_known_charges') }}
    where {{ is_closed('billing_period') }}
)

select
    charge_id,
    {%- for measure in measures %}
    sum({{ measure }}) as {{ measure }},
    {%- endfor %}
    sum(quantity) as quantity
from sides
group by charge_id
having
    sum(quantity) != 0
    {%- for measure in measures %}
    or sum({{ measure }}) != 0
    {%- endfor %}

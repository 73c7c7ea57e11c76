-- Bad rows: charges that FOCUS lacks or has twice, or whose amounts there are not those of the charge: billed exactly, but
-- for tax and credits effective too; list and contracted, which are not rounded there, within two micro-yuan.
select
    charges.charge_id,
    focus.x_ChargeKey as focus_charge_id
from {{ ref('charges') }} as charges
full outer join {{ ref('focus_cost_and_usage') }} as focus
    on charges.charge_id = focus.x_ChargeKey
where
    charges.charge_id is null
    or focus.x_ChargeKey is null
    or focus.BilledCost != {{ yuan('charges.billed_cost_micro_yuan') }}
    or (
        focus.ChargeCategory not in ('Tax', 'Credit')
        and focus.EffectiveCost != {{ yuan('charges.effective_cost_micro_yuan') }}
    )
    or abs(focus.ListCost - {{ yuan('charges.list_cost_micro_yuan') }}) > 0.000002
    or abs(focus.ContractedCost - {{ yuan('charges.contracted_cost_micro_yuan') }}) > 0.000002

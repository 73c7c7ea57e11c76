-- Which parts of which priced usage each Usage charge is made of, and at what prices. A charge is a tenant's use of a SKU
-- on a day or, where prices have tiers, in a month, in one window and band of a tariff version and at one QOS, under the
-- same terms: covered by one contract, discounted by one, of one member class, at one tax rate and share rule. A part of a
-- fee's term stands for its part of the fee, so that the parts of a term sum to it whatever they are rounded to.
{{ day_fact(changed='int_replaced_days') }}
{%- set models = ['int_banded_per_unit', 'int_banded_graduated', 'int_banded_volume'] %}
with banded as (
    {%- for model in models %}
    select * from {{ ref(model) }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

priced as (
    select
        banded.*,
        priced.site_id,
        priced.resource_kind,
        priced.unit as price_unit,
        priced.quantity_per_unit,
        priced.tariff_id,
        priced.tariff_version,
        priced.price_model,
        priced.tax_included,
        priced.tax_rate_ppm,
        priced.share_rule,
        priced.share_valid_from,
        priced.member_class,
        priced.discount_id,
        priced.discount_from,
        priced.member_ppm,
        priced.discounted_ppm,
        {{ multiplied_price('banded.unit_price_micro_yuan', ['priced.qos_ppm']) }} as list_price_micro_yuan,
        {{ month_start('banded.day') }} as first_day
    from banded
    inner join {{ ref('int_priced_usage') }} as priced
        on
            banded.day = priced.day
            and banded.tenant_id = priced.tenant_id
            and banded.sku_id = priced.sku_id
            and banded.price_window = priced.price_window
            and banded.qos is not distinct from priced.qos
)

select
    {{ sha_id([
        "'Usage'", 'priced.charge_day', 'priced.tenant_id', 'priced.site_id', 'priced.sku_id', 'priced.tariff_id',
        'priced.tariff_version', 'priced.price_window', 'priced.band_from', 'priced.qos', 'priced.coverage',
        'priced.contract_id', 'priced.contract_from', 'priced.discount_id', 'priced.discount_from',
        'priced.member_class', 'priced.tax_rate_ppm', 'priced.share_rule', 'priced.share_valid_from',
    ]) }} as charge_id,
    priced.day,
    priced.charge_day,
    priced.tenant_id,
    priced.site_id,
    priced.sku_id,
    priced.price_window,
    priced.qos,
    priced.line_from,
    priced.line_to,
    priced.resource_kind,
    priced.price_unit,
    priced.quantity_per_unit,
    priced.tariff_id,
    priced.tariff_version,
    priced.price_model,
    priced.band_from,
    priced.coverage,
    coalesce(priced.contract_id, priced.discount_id) as contract_id,
    priced.tax_included,
    priced.tax_rate_ppm,
    priced.share_rule,
    priced.share_valid_from,
    priced.list_price_micro_yuan,
    {{ multiplied_price('priced.list_price_micro_yuan', ['priced.member_ppm', 'priced.discounted_ppm']) }}
        as contracted_price_micro_yuan,
    case
        when terms.month_fee_micro_yuan is not null and terms.capacity > 0
            then
                {{ half_up_div(exact_product('terms.month_fee_micro_yuan', 'priced.term_to'), 'terms.capacity') }}
                - {{ half_up_div(exact_product('terms.month_fee_micro_yuan', 'priced.term_from'), 'terms.capacity') }}
    end as fee_micro_yuan,
    terms.tax_included as fee_tax_included
from priced
left join {{ ref('int_month_terms') }} as terms
    on
        priced.first_day = terms.day
        and priced.tenant_id = terms.tenant_id
        and priced.contract_id = terms.contract_id
        and priced.contract_from = terms.contract_from

-- Who gets what of a statement line, in fen: the tax goes to the tax authority, the net amount is shared by largest
-- remainder, ties by party id. The magnitude is shared and the sign put back, so that a credit mirrors its debit. What a
-- voucher pays is not shared: it changes who pays for a sale, not who gets what of it.
with lines as (
    select
        lines.*,
        {{ micro('shares.provider_share') }} as provider_ppm,
        {{ micro('shares.operator_share') }} as operator_ppm,
        {{ micro('shares.network_operator_share') }} as network_operator_ppm
    from {{ ref('int_statement_lines') }} as lines
    left join {{ ref('int_current_revenue_shares') }} as shares
        on
            lines.share_rule = shares.share_rule
            and lines.share_valid_from = shares.valid_from
    where lines.line_kind != 'voucher'
),

claims as (
    {%- for role, party in [
        ('provider', 'provider_party'), ('operator', 'operator_party'), ('network_operator', 'network_operator'),
    ] %}
    select
        line_id,
        period,
        '{{ role }}' as role,
        {{ loop.index }} as role_order,
        {{ party }} as party_id,
        net_fen,
        {{ exact_product('abs(net_fen)', role ~ '_ppm') }} as claim
    from lines
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

floored as (
    select
        claims.*,
        claims.claim % 1000000 as remainder,
        {{ half_up_div('claims.claim - claims.claim % 1000000', 1000000) }} as floor_fen
    from claims
),

ranked as (
    select
        floored.*,
        abs(floored.net_fen) - sum(floored.floor_fen) over (partition by floored.line_id) as left_over,
        row_number() over (
            partition by floored.line_id
            order by floored.remainder desc, floored.party_id asc, floored.role_order asc
        ) as place
    from floored
)

select
    lines.line_id,
    lines.period,
    'tax' as role,
    lines.tax_authority as party_id,
    lines.tax_fen as amount_fen
from lines
union all
select
    ranked.line_id,
    ranked.period,
    ranked.role,
    ranked.party_id,
    cast(
        case when ranked.net_fen < 0 then -1 else 1 end
        * (ranked.floor_fen + case when ranked.place <= ranked.left_over then 1 else 0 end) as bigint
    ) as amount_fen
from ranked

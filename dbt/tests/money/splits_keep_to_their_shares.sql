-- Bad rows: parts of a line that are a fen or more away from their exact share of the net amount. Closed periods were
-- judged when they were open: the shares known now may be others.
with shares as (
    {%- for role in ['provider', 'operator', 'network_operator'] %}
    select
        share_rule,
        valid_from,
        '{{ role }}' as role,
        {{ micro(role ~ '_share') }} as ppm
    from {{ ref('int_current_revenue_shares') }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}
)

select
    splits.line_id,
    splits.role,
    splits.amount_fen,
    lines.net_fen,
    shares.ppm
from {{ ref('int_line_splits') }} as splits
inner join {{ ref('int_statement_lines') }} as lines
    on splits.line_id = lines.line_id
left join shares
    on
        lines.share_rule = shares.share_rule
        and lines.share_valid_from = shares.valid_from
        and splits.role = shares.role
where
    splits.role != 'tax'
    and (
        shares.ppm is null
        or abs({{ exact_product('splits.amount_fen', '1000000') }} - {{ exact_product('lines.net_fen', 'shares.ppm') }})
        >= 1000000
    )

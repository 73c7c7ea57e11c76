{# From charges to the records that they are made of. #}

{# The records behind Usage charges as known now, and how much of each. `condition` over int_charge_pieces says which
   charges, by whole months: pieces that share a line of usage are told apart together. #}
{% macro charge_evidence(condition) -%}
with pieces as (
    select
        *,
        count(*) over (partition by day, tenant_id, sku_id, price_window, qos) as pieces
    from {{ ref('int_charge_pieces') }}
    where {{ condition }}
),

divided as (
    select distinct
        day,
        tenant_id,
        sku_id,
        price_window,
        qos
    from pieces
    where pieces > 1
),

records as (
    select
        lines.*,
        coalesce(sum(lines.quantity) over (
            partition by lines.day, lines.tenant_id, lines.sku_id, lines.price_window, lines.qos
            order by lines.start_s, lines.landing_id, lines.landing_row
            rows between unbounded preceding and 1 preceding
        ), 0) as record_from
    from {{ ref('int_billable_lines') }} as lines
    inner join divided
        on
            lines.day = divided.day
            and lines.tenant_id = divided.tenant_id
            and lines.sku_id = divided.sku_id
            and lines.price_window = divided.price_window
            and lines.qos is not distinct from divided.qos
),

evidence as (
    select
        pieces.charge_id,
        lines.record_hash,
        lines.quantity,
        lines.landing_id,
        lines.landing_row
    from {{ ref('int_billable_lines') }} as lines
    inner join pieces
        on
            lines.day = pieces.day
            and lines.tenant_id = pieces.tenant_id
            and lines.sku_id = pieces.sku_id
            and lines.price_window = pieces.price_window
            and lines.qos is not distinct from pieces.qos
            and pieces.pieces = 1
    union all
    select
        pieces.charge_id,
        records.record_hash,
        cast(
            least(records.record_from + records.quantity, pieces.line_to)
            - greatest(records.record_from, pieces.line_from) as bigint
        ) as quantity,
        records.landing_id,
        records.landing_row
    from records
    inner join pieces
        on
            records.day = pieces.day
            and records.tenant_id = pieces.tenant_id
            and records.sku_id = pieces.sku_id
            and records.price_window = pieces.price_window
            and records.qos is not distinct from pieces.qos
            and records.record_from < pieces.line_to
            and records.record_from + records.quantity > pieces.line_from
    where pieces.pieces > 1
)

select
    evidence.charge_id,
    evidence.record_hash,
    cast(sum(evidence.quantity) as bigint) as quantity,
    evidence.landing_id,
    evidence.landing_row
from evidence
group by evidence.charge_id, evidence.record_hash, evidence.landing_id, evidence.landing_row
{%- endmacro %}

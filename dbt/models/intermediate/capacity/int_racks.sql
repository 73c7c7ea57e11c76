-- What each room has of racks, in watts of rated power, from an instant to the room's next statement. Statements in
-- conflict do not count. A room that states no rated power counts standard racks, of 2.5 kW each.
with current_statements as (
    {{ current_rows(ref('stg_rack_inventory'), natural_keys()['rack_inventory']) }}
),

rated as (
    select
        *,
        coalesce(cast(rated_kw * 1000 as bigint), 2500) as rated_w
    from current_statements
    where not is_conflict
)

select
    site_id,
    room,
    {{ epoch_seconds('valid_from') }} as from_s,
    lead({{ epoch_seconds('valid_from') }}) over (partition by site_id, room order by valid_from) as until_s,
    installed * rated_w as installed_w,
    occupied * rated_w as occupied_w
from rated

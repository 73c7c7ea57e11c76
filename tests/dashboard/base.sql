-- What the tables of a made-up release are made from: days, sites, pools, and a number out of a hat that stays the same.
create macro made_up(seed, most) as (hash(seed) % most)::bigint;
create table days as
    select day::date as day, row_number() over (order by day) as number
    from range(date '2026-01-01', date '2026-01-01' + interval ({days}) day, interval 1 day) as t(day);
create table places as
    select case n when 0 then 'nscc-zz' when 1 then 'hami' else 'site-' || lpad(n::text, 3, '0') end as site_id,
        case when n = 1 then 'hami' when n % 5 = 2 then 'qingyang' else 'zhengzhou' end as region, n
    from range({sites}) as t(n);
create table pools as
    select site_id, region, places.n, compute_class, resource_kind, units::bigint as units from places, (values
        ('intelligent', 'accelerator', 800000), ('intelligent', 'cpu_core', 12000), ('super', 'cpu_core', 90000),
        ('all', 'rack', 120)) as kinds(compute_class, resource_kind, units)
    where (n % 3 = 0) = (compute_class = 'super') or compute_class = 'all';

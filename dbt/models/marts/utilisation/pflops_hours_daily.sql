-- Accelerator hours as PFLOPS-hours: one row per utilisation row of a day and precision; NULL where no public source
-- states the model's dense peak. CPU cores are not added: utilisation does not tell their models apart. The quality is
-- that of the hours: estimated hours say so.
with precisions as (
    select distinct precision
    from {{ ref('device_peaks') }}
)

select
    used.site_id,
    used.region,
    used.day,
    used.compute_class,
    used.resource_kind,
    used.model,
    precisions.precision,
    {% for part in ['installed', 'allocated', 'idle'] -%}
    used.{{ part }}_hours * peaks.peak_gflops / 1000000 as {{ part }}_pflops_hours,
    {% endfor -%}
    {% for part in ['installed', 'allocated', 'idle'] -%}
    used.{{ part }}_hours * peaks.peak_gflops / 1000000000 as {{ part }}_eflops_hours,
    {% endfor -%}
    case
        when peaks.peak_gflops is not null then 'dense peak: ' || peaks.source
        else 'no public dense peak'
    end as basis,
    used.quality
from {{ ref('utilisation_daily') }} as used
cross join precisions
left join {{ ref('device_peaks') }} as peaks
    on
        used.model = peaks.model
        and precisions.precision = peaks.precision
        and peaks.unit = 'card'
where used.resource_kind = 'accelerator'

{# Figures for reading: doubles derived from integers, never added up again. #}

{# Unit-seconds as hours of cores or cards. #}
{% macro hours_of(unit_seconds, resource_kind='resource_kind') -%}
cast({{ unit_seconds }} as double) / {{ unit_seconds_per_hour(resource_kind) }}
{%- endmacro %}

{# a ÷ b as a share; NULL where either is unknown or b is 0. #}
{% macro share_of(a, b) -%}
case when {{ b }} <> 0 then cast({{ a }} as double) / cast({{ b }} as double) end
{%- endmacro %}

{# The derived columns of a utilisation fact, from its unit-seconds; no share is known where idle is not. #}
{% macro utilisation_readings() -%}
{% for part in ['installed', 'allocated', 'idle', 'down', 'active'] -%}
{{ hours_of(part ~ '_unit_seconds') }} as {{ part }}_hours,
{% endfor -%}
{%- set used = 'case when idle_unit_seconds is not null then allocated_unit_seconds end' -%}
{{ share_of(used, 'installed_unit_seconds') }} as utilisation_installed,
{{ share_of(used, '(installed_unit_seconds - down_unit_seconds)') }} as utilisation_available,
{{ share_of(used, 'sellable_unit_seconds') }} as utilisation_sellable,
{{ share_of(used, 'reserved_unit_seconds') }} as utilisation_reserved,
{{ share_of('active_unit_seconds', 'observed_unit_seconds') }} as active_of_observed
{%- endmacro %}

{# What telemetry watched and found busy, summed over rows of a utilisation fact, and how good that is: measured where all
   that was not down was watched in all of them, unobserved where nothing was watched. #}
{% macro active_sums(of='') -%}
cast(sum({{ of }}active_unit_seconds) as bigint) as active_unit_seconds,
cast(sum({{ of }}observed_unit_seconds) as bigint) as observed_unit_seconds,
case
    when sum({{ of }}observed_unit_seconds) = 0 then 'unobserved'
    when bool_or({{ of }}active_quality = 'exceeds_allocated') then 'exceeds_allocated'
    when bool_and({{ of }}active_quality = 'measured') then 'measured'
    else 'sampled'
end as active_quality
{%- endmacro %}

{# Σ of a column; NULL where any of the values is unknown. #}
{% macro sum_if_all_known(column) -%}
cast(case when count({{ column }}) = count(*) then sum({{ column }}) end as bigint)
{%- endmacro %}

{# Σ of what pools state of themselves, over the statements in service that sell the kind; NULL where one of them does
   not state it, or there is none. #}
{% macro sum_if_all_stated(column) -%}
{%- set counts = "statements.sells_kind and statements.state = 'in_service'" -%}
cast(case
    when not bool_or({{ counts }} and statements.{{ column }} is null)
        then sum(case when {{ counts }} then statements.{{ column }} end)
end as bigint)
{%- endmacro %}

{# Σ of the units of outages of a kind; 0 where there is none, NULL where one of them has unknown units. #}
{% macro sum_of_outages(kind) -%}
cast(case
    when count(case when {{ kind }} and units is null then 1 end) = 0
        then coalesce(sum(case when {{ kind }} then units end), 0)
end as bigint)
{%- endmacro %}

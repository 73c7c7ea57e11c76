-- Of each job and of each interval of an instance one row stands, or all its rows are in conflict; a conflict has two
-- rows at least.
{% for dataset, model in [('job_records', 'int_jobs'), ('instance_records', 'int_instances')] -%}
select
    '{{ dataset }}' as dataset,
    {{ joined_text(columns_sql(natural_keys()[dataset]).split(', ')) }} as record_key
from {{ ref(model) }}
group by {{ columns_sql(natural_keys()[dataset]) }}
having
    (count(*) > 1) <> bool_or(is_conflict)
    or bool_or(is_conflict) <> bool_and(is_conflict)
{{ 'union all' if not loop.last }}
{% endfor -%}

{# Fails with each value of the key that more than one row has; NULL is a value like any other. Only keys whose hash
   occurs twice are compared themselves. #}
{% test unique_key(model, columns) %}
{%- set key = columns_sql(columns) -%}
select
    {{ key }},
    count(*) as rows_of_key
from {{ model }}
where {{ key_hash(columns) }} in (
    select {{ key_hash(columns) }}
    from {{ model }}
    group by {{ key_hash(columns) }}
    having count(*) > 1
)
group by {{ key }}
having count(*) > 1
{% endtest %}

{# Fails with each value of the key that more than one row has; NULL is a value like any other. #}
{% test unique_key(model, columns) %}
{%- set key = [] -%}
{%- for column in columns -%}
    {%- do key.append(adapter.quote(column)) -%}
{%- endfor %}
select
    {{ key | join(', ') }},
    count(*) as rows_of_key
from {{ model }}
group by {{ key | join(', ') }}
having count(*) > 1
{% endtest %}

{# Fails with each rule of the data contract that rows break: required columns, codes, bounds of whole numbers, and
   conditions over a row (NULL passes). One pass; a row is counted under the first rule that it breaks. #}
{% test keeps_contract(model, required=[], codes={}, ranges={}, row_rules={}) %}
select
    broken_rule,
    count(*) as broken_rows
from (
    select
        case
            {%- for column in required %}
            when {{ adapter.quote(column) }} is null then '{{ column }}.required'
            {%- endfor %}
            {%- for column, values in codes.items() %}
            when {{ adapter.quote(column) }} not in ('{{ values | join("', '") }}') then '{{ column }}.code'
            {%- endfor %}
            {%- for column, bounds in ranges.items() %}
            {%- for bound, beyond in [('min', '<'), ('max', '>')] if bound in bounds %}
            when {{ adapter.quote(column) }} {{ beyond }} {{ bounds[bound] }} then '{{ column }}.range'
            {%- endfor %}
            {%- endfor %}
            {%- for name, condition in row_rules.items() %}
            when not ({{ condition }}) then 'row.{{ name }}'
            {%- endfor %}
        end as broken_rule
    from {{ model }}
) as judged
where broken_rule is not null
group by broken_rule
{% endtest %}

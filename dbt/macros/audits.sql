{# Judgements for audits, by other arithmetic than the models': an audit fails when the model's macro is wrong. #}

{# Whether `result` is numerator ÷ denominator rounded half away from zero: it is nearest, and a tie went outwards.
   All DECIMAL(38,0) or BIGINT; the denominator positive. #}
{% macro is_half_up(result, numerator, denominator) -%}
{%- set error = "abs(" ~ exact_product(result, denominator) ~ " - " ~ numerator ~ ")" -%}
(
    2 * {{ error }} < {{ denominator }}
    or (
        2 * {{ error }} = {{ denominator }}
        and abs({{ exact_product(result, denominator) }}) > abs({{ numerator }})
    )
)
{%- endmacro %}

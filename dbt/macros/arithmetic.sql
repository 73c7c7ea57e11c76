{# Exact integer arithmetic, equal on DuckDB and Spark. Every division of a quantity or of money goes through here. #}

{# A product as DECIMAL(38,0); beyond 38 digits both engines raise. #}
{% macro exact_product(a, b) -%}
(cast({{ a }} as decimal(38, 0)) * cast({{ b }} as decimal(38, 0)))
{%- endmacro %}

{# numerator ÷ denominator, rounded half away from zero: DECIMAL(38,0) in, BIGINT out; NULL in, NULL out.
   Raises where the denominator is not positive or the result is no BIGINT. #}
{% macro half_up_div(numerator, denominator) -%}
{{ adapter.dispatch('half_up_div', 'suanzhang')(numerator, denominator) }}
{%- endmacro %}

{# DuckDB divides a HUGEINT, and casts a DECIMAL(38,0) to any other type, forty times slower than a BIGINT: what has at
   most 18 digits, nearly everything, goes by way of DECIMAL(18,0). #}
{% macro duckdb__half_up_div(numerator, denominator) -%}
{%- set n = 'cast(cast(' ~ numerator ~ ' as decimal(38, 0)) as hugeint)' -%}
{%- set d = 'cast(cast(' ~ denominator ~ ' as decimal(38, 0)) as hugeint)' -%}
{%- set short_n = 'cast(cast(' ~ numerator ~ ' as decimal(18, 0)) as bigint)' -%}
{%- set short_d = 'cast(cast(' ~ denominator ~ ' as decimal(18, 0)) as bigint)' -%}
cast(
    case
        when ({{ denominator }}) <= 0 then error('half_up_div: the denominator is not positive')
        when
            ({{ numerator }}) between -999999999999999999 and 999999999999999999
            and ({{ denominator }}) <= 999999999999999999
            then sign({{ short_n }}) * ((abs({{ short_n }}) * 2 + {{ short_d }}) // (2 * {{ short_d }}))
        else sign({{ n }}) * ((abs({{ n }}) * 2 + {{ d }}) // (2 * {{ d }}))
    end as bigint
)
{%- endmacro %}

{# Spark's `div` wraps around at the bounds of BIGINT without a word, so does its cast where ANSI mode is off, and its
   `abs` and unary minus keep 34 digits only: a multiple of the divisor is divided, and its bounds are asserted. #}
{% macro spark__half_up_div(numerator, denominator) -%}
{%- set n = 'cast(' ~ numerator ~ ' as decimal(38, 0))' -%}
{%- set d = 'cast(' ~ denominator ~ ' as decimal(38, 0))' -%}
{%- set doubled = '(' ~ n ~ ' * 2 + cast(sign(' ~ n ~ ') as int) * ' ~ d ~ ')' -%}
{%- set quotient = '((' ~ doubled ~ ' - ' ~ doubled ~ ' % (2 * ' ~ d ~ ')) / (2 * ' ~ d ~ '))' -%}
case
    when {{ d }} <= 0 then raise_error('half_up_div: the denominator is not positive')
    when coalesce(
        {{ quotient }} between -9223372036854775808 and 9223372036854775807,
        {{ n }} is null or {{ d }} is null
    ) then cast({{ quotient }} as bigint)
    else raise_error('half_up_div: the result is out of the range of BIGINT')
end
{%- endmacro %}

{# Integer division of two BIGINTs that are not negative. #}
{% macro int_div(a, b) -%}
{{ adapter.dispatch('int_div', 'suanzhang')(a, b) }}
{%- endmacro %}

{% macro duckdb__int_div(a, b) -%}
(({{ a }}) // ({{ b }}))
{%- endmacro %}

{% macro spark__int_div(a, b) -%}
(({{ a }}) div ({{ b }}))
{%- endmacro %}

{# Unit-seconds in one hour of one unit: core-seconds, or milli-card-seconds. #}
{% macro unit_seconds_per_hour(resource_kind) -%}
(case {{ resource_kind }} when 'accelerator' then 3600000 else 3600 end)
{%- endmacro %}

{# Unit-seconds that thousandths of a unit come to from an hour's start to its `second`. Milli-card-seconds of cards;
   core-seconds of cores, half up: whole cores are exact, a fraction of a core errs by half a core-second in an hour at
   most, and what two parts of a span come to always adds up to the whole. #}
{% macro unit_seconds_within_hour(resource_kind, milli, second) -%}
(case {{ resource_kind }}
    when 'cpu_core' then {{ int_div(milli ~ ' * (' ~ second ~ ') + 500', '1000') }}
    else {{ milli }} * ({{ second }})
end)
{%- endmacro %}

{# Unit-seconds from one epoch second to another, hour by hour as above. #}
{% macro unit_seconds(resource_kind, milli, from_s, to_s) -%}
(
    ({{ int_div(to_s, '3600') }} - {{ int_div(from_s, '3600') }})
    * {{ unit_seconds_within_hour(resource_kind, milli, '3600') }}
    + {{ unit_seconds_within_hour(resource_kind, milli, to_s ~ ' % 3600') }}
    - {{ unit_seconds_within_hour(resource_kind, milli, from_s ~ ' % 3600') }}
)
{%- endmacro %}

{# What a session needs before a model runs, so that a sum beyond its type raises: Spark wraps around in silence where
   ANSI mode is off, and dbt-spark switches it off. #}
{% macro exact_session() -%}
{{ adapter.dispatch('exact_session', 'suanzhang')() }}
{%- endmacro %}

{% macro duckdb__exact_session() -%}
{%- endmacro %}

{% macro spark__exact_session() -%}
set spark.sql.ansi.enabled = true
{%- endmacro %}

{# numerator ÷ denominator, rounded down, also below zero: DECIMAL(38,0) in, BIGINT out. Between two whole numbers the
   half-up of a value less almost a half is the lower one, and there is never a tie. Raises as half_up_div does. #}
{% macro floor_div(numerator, denominator) -%}
{{ half_up_div(
    '2 * cast(' ~ numerator ~ ' as decimal(38, 0)) - cast(' ~ denominator ~ ' as decimal(38, 0)) + 1',
    '2 * cast(' ~ denominator ~ ' as decimal(38, 0))'
) }}
{%- endmacro %}

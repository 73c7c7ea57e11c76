{# Names of things: stable ids of rows, quoted identifiers, schemas of layers. #}

{# The expressions' text, in order, as one text; NULL and empty are told apart. One call, not a chain of ||, which would
   copy what comes before at each step. #}
{% macro joined_text(expressions) -%}
concat_ws(
    chr(31),
    {%- for expression in expressions %}
    coalesce(cast({{ expression }} as string), chr(30)){{ ',' if not loop.last }}
    {%- endfor %}
)
{%- endmacro %}

{# 32 hex characters of SHA-256 over the expressions' text, in order; NULL and empty are told apart. #}
{% macro sha_id(expressions) -%}
substr({{ sha_hex(joined_text(expressions)) }}, 1, 32)
{%- endmacro %}

{% macro sha_hex(text) -%}
{{ adapter.dispatch('sha_hex', 'suanzhang')(text) }}
{%- endmacro %}

{% macro duckdb__sha_hex(text) -%}
sha256({{ text }})
{%- endmacro %}

{% macro spark__sha_hex(text) -%}
sha2({{ text }}, 256)
{%- endmacro %}

{# A BIGINT that is equal where all of the columns are: a narrow stand-in for a wide key in a group or join. Different
   keys may share it, so whoever uses it must be right, if slower, when they do. Not stable: never stored. #}
{% macro key_hash(columns, prefix='') -%}
{{ adapter.dispatch('key_hash', 'suanzhang')(columns_sql(columns, prefix)) }}
{%- endmacro %}

{% macro duckdb__key_hash(columns) -%}
hash({{ columns }})
{%- endmacro %}

{% macro spark__key_hash(columns) -%}
xxhash64({{ columns }})
{%- endmacro %}

{# The published column `window` is a reserved word: models say price_window, marts name it through this. #}
{% macro quote_window() -%}
{{ adapter.quote('window') }}
{%- endmacro %}

{# Column names as a list in SQL, quoted for the engine, each behind `prefix` if given: `window` is one of them. #}
{% macro columns_sql(columns, prefix='') -%}
{%- for column in columns -%}
{{ prefix }}{{ adapter.quote(column) }}{{ ', ' if not loop.last }}
{%- endfor -%}
{%- endmacro %}

{# Equality of two relations in all of the columns, none of which is NULL. #}
{% macro columns_equal(columns, left, right) -%}
{%- for column in columns -%}
{{ left }}.{{ adapter.quote(column) }} = {{ right }}.{{ adapter.quote(column) }}{{ ' and ' if not loop.last }}
{%- endfor -%}
{%- endmacro %}

{# A layer's schema is its name, without dbt's prefix of the target schema. #}
{% macro generate_schema_name(custom_schema_name, node) -%}
{{ (custom_schema_name or target.schema) | trim }}
{%- endmacro %}

{# A column of the first of several relations that has it. #}
{% macro first_known(relations, column) -%}
coalesce({% for relation in relations %}{{ relation }}.{{ column }}{{ ', ' if not loop.last }}{% endfor %})
{%- endmacro %}

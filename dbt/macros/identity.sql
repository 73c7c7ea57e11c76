{# Names of things: stable ids of rows, quoted identifiers, schemas of layers. #}

{# 32 hex characters of SHA-256 over the columns' text, in order; NULL and empty are told apart. #}
{% macro sha_id(columns) -%}
{%- set parts = [] -%}
{%- for column in columns -%}
    {%- do parts.append("coalesce(cast(" ~ column ~ " as string), chr(30))") -%}
{%- endfor -%}
substr({{ sha_hex(parts | join(" || chr(31) || ")) }}, 1, 32)
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

{# The published column `window` is a reserved word: models say price_window, marts name it through this. #}
{% macro quote_window() -%}
{{ adapter.quote('window') }}
{%- endmacro %}

{# A layer's schema is its name, without dbt's prefix of the target schema. #}
{% macro generate_schema_name(custom_schema_name, node) -%}
{{ (custom_schema_name or target.schema) | trim }}
{%- endmacro %}

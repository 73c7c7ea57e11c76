{#- Views and tables on DuckDB in one statement each, which replaces what is there at once. The adapter's own way (build
    beside, rename, drop) takes two more macros per model, about 7 ms of cpu each. -#}
{% materialization view, adapter='duckdb' %}
    {{ return(replaced('view', sql)) }}
{% endmaterialization %}

{% materialization table, adapter='duckdb' %}
    {{ return(replaced('table', sql)) }}
{% endmaterialization %}

{#- Makes this model's relation of a type from its SQL, between its hooks, and commits. -#}
{% macro replaced(type, sql) %}
    {%- set existing = load_cached_relation(this) -%}
    {%- set relation = this.incorporate(type=type) -%}
    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}
    {%- if existing is not none and existing.type != type -%}
        {% do adapter.drop_relation(existing) %}
    {%- endif -%}
    {%- call statement('main') -%}
        create or replace {{ type }} {{ relation }} as (
            {{ sql }}
        )
    {%- endcall -%}
    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {{ adapter.commit() }}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {{ return({'relations': [relation]}) }}
{% endmacro %}

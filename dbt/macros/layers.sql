{# Who tells of a holding: machine (virtual or bare), pod, job, or the cluster counted together. What two layers tell of
   the same cards is counted once, by the outer one: machines hold pods, and pods hold jobs. #}

{% macro instance_layer(instance_kind) -%}
case {{ instance_kind }}
    when 'virtual_machine' then 'machine' when 'bare_metal' then 'machine' when 'pod' then 'pod' else 'cluster'
end
{%- endmacro %}

{# Layers from the outermost inwards. #}
{% macro layer_rank(layer) -%}
case {{ layer }} when 'machine' then 1 when 'pod' then 2 when 'job' then 3 end
{%- endmacro %}

{# The states of instances → 0 waits, 1 goes on, 2 ended. #}
{% macro instance_state_rank(state) -%}
case {{ state }} when 'PENDING' then 0 when 'RUNNING' then 1 else 2 end
{%- endmacro %}

{# After so many seconds behind the furthest of its site a layer has fallen silent. #}
{% macro silent_after_s() -%}
604800
{%- endmacro %}

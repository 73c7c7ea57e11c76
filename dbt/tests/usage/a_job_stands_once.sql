-- Of each job one row stands, or all its rows are in conflict; a conflict has two rows at least.
select {{ columns_sql(job_key()) }}
from {{ ref('int_jobs') }}
group by {{ columns_sql(job_key()) }}
having
    (count(*) > 1) <> bool_or(is_conflict)
    or bool_or(is_conflict) <> bool_and(is_conflict)

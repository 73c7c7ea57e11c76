-- Of each job one row stands, or all its rows are in conflict; a conflict has two rows at least.
select {{ columns_sql(natural_keys()['job_records']) }}
from {{ ref('int_jobs') }}
group by {{ columns_sql(natural_keys()['job_records']) }}
having
    (count(*) > 1) <> bool_or(is_conflict)
    or bool_or(is_conflict) <> bool_and(is_conflict)

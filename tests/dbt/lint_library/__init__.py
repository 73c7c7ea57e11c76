"""What sqlfluff puts in dbt's place when it renders models without dbt: just enough that their SQL can be parsed.

Dispatch macros become calls of a function of their name; what macros without arguments return is read from their files.
"""

import ast
import re
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

MACROS = Path(__file__).resolve().parents[3] / "dbt" / "macros"
RETURNING = ("keys.sql", "_contracts.sql")
RETURNS = re.compile(r"{% macro (\w+)\(\) -%}\s*{{ return\((.*?)\) }}\s*{%- endmacro %}", re.DOTALL)


def _dispatch(name: str, package: str = "") -> Callable[..., str]:
    return lambda *arguments: f"{name}({', '.join(map(str, arguments))})"


def _constant(value: Any) -> Callable[..., Any]:
    return lambda *_: value


adapter = SimpleNamespace(dispatch=_dispatch, quote='"{}"'.format)
target = SimpleNamespace(type="duckdb")
var = _constant({"duckdb": "append"})
globals().update(
    {
        name: _constant(ast.literal_eval(value))
        for file in RETURNING
        for name, value in RETURNS.findall((MACROS / file).read_text())
    }
)

"""What is generated from the contracts: no drift either way, valid where it is read, bilingual."""

import json
import re
import shutil
from pathlib import Path

import pytest
import yaml

from data_contracts.contract import Contract, contract_names, load_contract, load_contracts
from data_contracts.render import MARKER, REPOSITORY, Drift, drift, rendered_files, write

CHINESE = re.compile(r"[\u4e00-\u9fff]")
FILES = rendered_files()


def test_the_committed_files_are_what_the_contracts_say():
    assert drift() == [], "run `suanzhang contracts render`"


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    for path in FILES:
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(REPOSITORY / path, tmp_path / path)
    return tmp_path


def test_a_missing_a_changed_and_an_extra_file_are_drift(copy: Path):
    (copy / "docs/data/skus.md").unlink()
    (copy / "data_contracts/expectations/skus.json").write_text("{}", encoding="utf-8")
    (copy / "docs/data/gone.md").write_text(f"<!-- {MARKER} -->", encoding="utf-8")
    (copy / "dbt/models/marts/_gone.yml").write_text(f"# {MARKER}", encoding="utf-8")
    (copy / "dbt/models/marts/_written_by_hand.yml").write_text("version: 2", encoding="utf-8")
    due = {
        Drift("docs/data/skus.md", "missing"),
        Drift("data_contracts/expectations/skus.json", "changed"),
        Drift("docs/data/gone.md", "extra"),
        Drift("dbt/models/marts/_gone.yml", "extra"),
    }
    assert {*drift(copy)} == due
    assert {*write(copy)} == due
    assert drift(copy) == []
    assert (copy / "dbt/models/marts/_written_by_hand.yml").exists()


@pytest.mark.parametrize("path", FILES)
def test_every_file_says_that_it_is_generated(path: str):
    assert MARKER in FILES[path][:200]
    assert FILES[path].count("\n") < 400


def properties(path: str) -> dict:
    return yaml.safe_load(FILES[path])


def test_dbt_knows_every_bronze_column():
    staged = [path for path in FILES if path.startswith("dbt/models/staging/_bronze_")]
    sources = [source for path in staged for source in properties(path)["sources"]]
    assert {source["name"] for source in sources} == {"bronze"}
    tables = {table["name"]: table for source in sources for table in source["tables"]}
    for contract in load_contracts("input"):
        names = [column["name"] for column in tables.pop(contract.name)["columns"]]
        assert names == [column.name for column in contract.stored_columns()]
    assert tables == {}


@pytest.mark.parametrize("contract", load_contracts("published"), ids=lambda contract: contract.name)
def test_dbt_tests_what_the_contract_of_a_published_table_says(contract: Contract):
    (model,) = properties(f"dbt/models/marts/_{contract.name}.yml")["models"]
    assert model["name"] == contract.name
    tests = {name: test for entry in model["data_tests"] for name, test in entry.items()}
    assert tests["unique_key"]["arguments"]["columns"] == list(contract.key)
    checks = tests["keeps_contract"]["arguments"]
    assert checks["required"] == [column.name for column in contract.columns if column.required]
    assert checks.get("codes", {}) == {each.name: list(each.codes) for each in contract.columns if each.codes}
    assert checks.get("row_rules", {}) == {rule.name: rule.sql for rule in contract.row_rules}
    assert [column["name"] for column in model["columns"]] == list(contract.column_names)
    assert all(CHINESE.search(column["description"]) for column in model["columns"])


@pytest.mark.parametrize("name", contract_names())
def test_a_suite_repeats_the_rules_of_its_contract(name: str):
    suite = json.loads(FILES[f"data_contracts/expectations/{name}.json"])
    rules = {expectation["meta"]["rule"] for expectation in suite["expectations"]}
    contract = load_contract(name)
    for column in contract.stored_columns():
        kinds = {rule.split(".")[1] for rule in rules if rule.startswith(f"{column.name}.")} - {"type"}
        assert kinds == {
            kind
            for kind, has in {
                "required": column.required,
                "range": column.min is not None or column.max is not None,
                "pattern": column.pattern is not None,
                "code": bool(column.codes),
                "length": column.max_length is not None,
            }.items()
            if has
        }
    assert {f"row.{rule.name}" for rule in contract.row_rules} == {
        rule for rule in rules if rule.startswith("row.")
    }


@pytest.mark.parametrize("name", contract_names())
def test_a_page_explains_every_column_in_both_languages(name: str):
    page, contract = FILES[f"docs/data/{name}.md"], load_contract(name)
    assert contract.title.en in page
    assert contract.granularity.zh in page
    for column in contract.columns:
        (row,) = [
            line
            for line in page.splitlines()
            if line.startswith(f"| `{column.name}` |") and line.count(" | ") == 5
        ]
        assert column.definition_en in row.replace("\\|", "|")
        assert column.definition_zh in row.replace("\\|", "|")
        assert all(f"`{code}`" in page for code in column.codes)


def test_the_index_leads_to_every_page():
    index = FILES["docs/data/index.md"]
    assert {*re.findall(r"\]\((\w+)\.md\)", index)} == {*contract_names()}

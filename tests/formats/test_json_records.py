"""JSON records: lines, lists, pages; damage costs as little as can be, and no number loses a digit."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.formats import json_records, json_scan
from pipelines.formats.base import Tally, Unreadable
from pipelines.formats.json_records import (
    RULES,
    Record,
    at,
    frame_of,
    json_text,
    parse,
    read_documents,
    text_of,
    texts,
)

DEEP = 150_000


def read(folder: Path, text: str | bytes, *lists: str, pages: bool = False) -> tuple[list[Record], Tally]:
    path = folder / "sent.json"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    tally = Tally()
    records = [each for batch in read_documents(path, RULES, tally, lists, pages=pages) for each in batch]
    assert tally.records_read == len(records) + sum(tally.set_aside.values())
    assert len({each.row for each in records}) == len(records)
    return records, tally


def brief(records: list[Record]) -> list[Any]:
    """What is in each record, or the rule that it breaks."""
    return [each.fault or each.document for each in records]


@pytest.mark.parametrize(
    "text",
    [
        '{"a":1}\n{"a":2}\n',
        '\n{"a":1}\n\n{"a":2}',
        '\ufeff{"a":1}\r\n{"a":2}\r\n',
        '[{"a":1},{"a":2}]',
        ' [\n {"a": 1},\n {"a": 2}\n]\n',
        '\ufeff[{"a":1},\r\n{"a":2}]',
        '{"data":{"list":[{"a":1},{"a":2}]}}',
        '{\n "x": [1, {"list": []}],\n "data": {"n": 2, "list": [{"a": 1}, {"a": 2}], "y": {}}, "z": null}',
        '{"data":{"list":[{"a":1}]}}\n{"data":{"list":[]}}\n{"data":{"list":[{"a":2}]}}\n',
        '[{"data":{"list":[{"a":1}]}},{"data":{"list":[{"a":2}]}}]',
        '{\n"data":{"list":[{"a":1}]}\n}\n{\n"data":{"list":[{"a":2}]}\n}\n',
        '{\n"a":1}\n{\n"a":2}',
    ],
    ids=[
        "lines", "blank", "bom-lines", "list", "wide-list", "bom-list", "document", "wide-document", "pages-in-lines",
        "pages-in-list", "pages", "documents",
    ],
)  # fmt: skip
def test_records_are_found_however_they_are_sent(tmp_path: Path, text: str) -> None:
    records, _ = read(tmp_path, text, "nothing", "data.list")
    assert brief(records) == [{"a": 1}, {"a": 2}]


def test_lines_are_numbered_as_lines_and_blank_ones_set_aside(tmp_path: Path) -> None:
    records, tally = read(tmp_path, '\n{"a":1}\n \n{"a":2}\nx\n')
    assert [(each.row, each.raw, each.fault) for each in records] == [
        (2, '{"a":1}', None),
        (4, '{"a":2}', None),
        (5, "x", "record.json"),
    ]
    assert (tally.records_read, tally.set_aside) == (5, {"blank line": 2})


def test_items_are_numbered_in_their_list_and_kept_as_sent(tmp_path: Path) -> None:
    records, _ = read(tmp_path, '{"jobs": [{"a": 1.50 },\n {"b":[ ]}, 7]}', "jobs")
    assert [(each.row, each.raw, each.fault) for each in records] == [
        (1, '{"a": 1.50 }', None),
        (2, '{"b":[ ]}', None),
        (3, "7", "record.json"),
    ]


def test_a_document_without_its_list_is_one_record(tmp_path: Path) -> None:
    assert brief(read(tmp_path, '{"a":\n1}', "jobs")[0]) == [{"a": 1}]
    assert brief(read(tmp_path, '{"jobs": {"a": 1}}', "jobs")[0]) == [{"jobs": {"a": 1}}]
    assert brief(read(tmp_path, '{"jobs": []}', "jobs")[0]) == []


def test_lists_are_tried_in_turn(tmp_path: Path) -> None:
    text = '{"a":[{"n":1}],"b":[{"n":2}]}'
    assert brief(read(tmp_path, text, "b", "a")[0]) == [{"n": 2}]
    assert brief(read(tmp_path, text + "\n" + text, "b", "a")[0]) == [{"n": 2}] * 2


@pytest.mark.parametrize("separator", ["\n", "\n\n", " "], ids=["lines", "apart", "one-line"])
def test_a_page_is_known_to_its_records(tmp_path: Path, separator: str) -> None:
    pages = ['{"code":0,"d":{"c":"CNY","l":[{"n":1},{"n":2}],"t":[3]}}', '{"d":{"l":[{"n":3}],"c":"USD"}}']
    records, _ = read(tmp_path, separator.join(pages), "d.l", pages=True)
    assert [each.page for each in records] == [{"code": 0, "d.c": "CNY"}] * 2 + [{"d.c": "USD"}]
    assert all(not each.page for each in read(tmp_path, pages[0], "d.l")[0])


@pytest.mark.parametrize("chunk", [1, 7, 1 << 20])
def test_values_may_lie_across_what_is_read_at_a_time(tmp_path: Path, chunk: int) -> None:
    text = '{"a":[{"计":"算 \\u7b97","n":-12.50},{"n":1e2},\n{"x":"' + "y" * 3000 + '"}],"b":12345}'
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(json_scan, "CHUNK", chunk)
        records, _ = read(tmp_path, text, "a", pages=True)
    assert [text_of(each.document["n"]) for each in records[:2] if each.document] == ["-12.50", "100"]
    assert (len(records), records[0].page) == (3, {"b": 12345})


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ('[{"a":1},{"a":2},{"a":', 2),
        ('[{"a":1},{"a":2}', 2),
        ('[{"a":1} {"a":2}]', 1),
        ('[{"a":1},{"a":2}] x', 2),
        ('{"jobs":[{"a":1},{"a":2}', 2),
        ('{"jobs":[{"a":1},{"a":2}]', 2),
        ('{"jobs":[{"a":1},\n{"a":2}]}}', 2),
        ('[{"a":1},{"a":tru},{"a":3}]', 1),
        ('[{"a":1},{"a":"\\x"},{"a":3}]', 1),
        ('[', 0),
        ('{"jobs":[{"a":1},]}', 1),
    ],
)  # fmt: skip
def test_a_break_off_keeps_what_came_before_it(tmp_path: Path, text: str, kept: int) -> None:
    records, _ = read(tmp_path, text, "jobs")
    assert brief(records) == [{"a": number + 1} for number in range(kept)] + ["record.json"]


def test_a_damaged_first_line_costs_itself_only(tmp_path: Path) -> None:
    records, _ = read(tmp_path, '{"a":1,"b\n{"a":2}\n{"a":3}\n', "jobs")
    assert brief(records) == ["record.json", {"a": 2}, {"a": 3}]


def test_a_cut_last_line_is_said_to_be_cut(tmp_path: Path) -> None:
    assert brief(read(tmp_path, '{"a":1}\n{"a":2')[0]) == [{"a": 1}, "record.truncated"]
    assert brief(read(tmp_path, '{"a":1}\n{"a":2}')[0]) == [{"a": 1}, {"a": 2}]


@pytest.mark.parametrize(
    ("value", "fault"),
    [
        ("NaN", "record.json"),
        ("-Infinity", "record.json"),
        ("9" * 5000, "record.too_deep"),
        ("1e99999999999999999999", "record.too_deep"),
        ("[" * 300 + "]" * 300, "record.too_deep"),
        ('{"a":' * 300 + "1" + "}" * 300, "record.too_deep"),
    ],
    ids=["nan", "infinity", "integer", "exponent", "lists", "objects"],
)
@pytest.mark.parametrize(
    "form", ['{{"a":1}}\n{{"a":{}}}\n{{"a":3}}\n', '{{"l":[{{"a":1}},{{"a":{}}},{{"a":3}}]}}']
)
def test_a_hostile_value_costs_its_record_only(tmp_path: Path, form: str, value: str, fault: str) -> None:
    assert brief(read(tmp_path, form.format(value), "l")[0]) == [{"a": 1}, fault, {"a": 3}]


@pytest.mark.parametrize(
    "form", ['{{"a":1}}\n{{"a":{}}}\n', '[{{"a":1}},{{"a":{}}}]', '{{"l":[{{"a":1}},{{"a":{}}}]}}']
)
def test_a_bottomless_value_is_no_accident(tmp_path: Path, form: str) -> None:
    for value in ("[" * DEEP + "]" * DEEP, "[" * DEEP, '{"a":' * DEEP):
        found = brief(read(tmp_path, form.format(value), "l")[0])
        assert found[0] == {"a": 1}
        assert found[1:] in (["record.too_deep"], ["record.json"])
    assert brief(read(tmp_path, '{"x":' + "[" * DEEP + ',"l":[{"a":1}]}', "l")[0]) in (
        ["record.too_deep"],
        ["record.json"],
    )


def test_half_characters_become_question_marks(tmp_path: Path) -> None:
    for text in ('{"a":"x\\ud800","b":["\\udc00"]}\n{"a":1}\n', '[{"a":"x\\ud800","b":["\\udc00"]},{"a":1}]'):
        records, _ = read(tmp_path, text)
        assert texts(records, lambda each: each["a"]).to_list() == ["x?", "1"]
        assert texts(records, lambda each: each.get("b")).to_list() == ['["?"]', None]
        assert frame_of(records).height == 2
    assert parse('{"a":"\\ud83d\\ude00"}')[0] == {"a": "😀"}


def test_bytes_that_are_no_text_cost_their_record_only(tmp_path: Path) -> None:
    for text in (b'{"a":1}\n{"a":"\xff"}\n{"a":3}\n', b'{"l":[{"a":1},{"a":"\xff"},{"a":3}]}'):
        records, _ = read(tmp_path, text, "l")
        assert brief(records) == [{"a": 1}, "record.encoding", {"a": 3}]
        assert frame_of(records)["_raw"][1] == '{"a":"\ufffd"}' or "?" in frame_of(records)["_raw"][1]


def test_no_record_is_longer_than_may_be(tmp_path: Path) -> None:
    long = '{"a":"' + "x" * 3000 + '"}'
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(json_records, "MAX_ITEM", 1000)
        patch.setattr(json_scan, "CHUNK", 100)
        for text in (f'{{"a":1}}\n{long}\n{{"a":3}}\n', f'[{{"a":1}},{long},{{"a":3}}]'):
            found = brief(read(tmp_path, text)[0])
            assert found[:2] == [{"a": 1}, "record.too_long"]
        assert brief(read(tmp_path, f'{{"l":[{{"a":1}}],"x":{long}}}', "l")[0]) == [
            {"a": 1},
            "record.too_long",
        ]
        assert brief(read(tmp_path, long, "l")[0]) == ["record.too_long"]
        many = '{"l":[' + ",".join(['{"a":1}'] * 2000) + "]}"
        assert len(read(tmp_path, many, "l", pages=True)[0]) == 2000


def test_what_a_person_reads_is_short(tmp_path: Path) -> None:
    records, _ = read(tmp_path, '[{"a":"' + "x" * 9000 + '"}]')
    assert len(frame_of(records)["_raw"][0]) == 4097


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("", "file.empty"),
        (" \n", "file.empty"),
        ("x", "file.format"),
        ('"a"', "file.format"),
        ("a\n", "file.format"),
    ],
)
def test_what_is_no_json_is_refused(tmp_path: Path, text: str, rule: str) -> None:
    with pytest.raises(Unreadable) as refusal:
        read(tmp_path, text)
    assert refusal.value.rule == rule


def test_numbers_keep_their_digits() -> None:
    value, _ = parse(
        '{"a":[0.10,1E+3,-0.000000000000000001,12345678901234567890123,1e-50,1e400],"b":true,"c":null}'
    )
    assert [text_of(each) for each in value["a"]] == [
        "0.10", "1000", "-0.000000000000000001", "12345678901234567890123", "1E-50", "1E+400",
    ]  # fmt: skip
    assert json_text(value["a"][:2]) == "[0.10,1000]"
    assert (text_of(value["b"]), text_of(value["c"]), text_of("计")) == ("true", None, "计")
    assert json.loads(json_text({"a": Decimal("1.5"), "b": "\ue0001.5\ue000"})) == {
        "a": "1.5",
        "b": "\ue0001.5\ue000",
    }


def test_a_path_may_lead_nowhere() -> None:
    document = {"a": [{"b": 1}]}
    assert at(document, "a", 0, "b") == 1
    assert at(document, "a", -1) == {"b": 1}
    for path in (("a", 1), ("a", -2), ("a", "b"), ("x",), ("a", 0, "b", "c"), (0,)):
        assert at(document, *path) is None


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=6) | st.decimals(-(10**9), 10**9, places=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)  # fmt: skip


@settings(max_examples=40)
@given(
    st.lists(st.dictionaries(st.text(max_size=4), VALUES, max_size=4), min_size=1, max_size=6),
    st.integers(1, 60),
)
def test_what_is_written_is_read_from_any_form(
    tmp_path_factory: pytest.TempPathFactory, documents: list[dict[str, Any]], chunk: int
) -> None:
    folder = tmp_path_factory.mktemp("json")
    written = [json_text(document) for document in documents]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(json_scan, "CHUNK", chunk)
        for text in (
            "\n".join([*written, ""]),
            f"[{','.join(written)}]",
            f'{{"\\u0000":0,"l":[{", ".join(written)}]}}',
        ):
            lists = ["l"] if text.startswith('{"\\u') else []
            records, _ = read(folder, text, *lists)
            assert [json_text(each.document) for each in records] == written


@settings(max_examples=60)
@given(st.data())
def test_damage_is_never_an_accident(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    sent = bytearray(
        b'{"c":0,"d":{"l":[{"a":1.5,"b":"x"},{"a":[1,2]},\n{"a":{"b":null}}],"p":"y"}}\n{"d":{"l":[]}}\n'
    )
    for _ in range(data.draw(st.integers(1, 6))):
        place = data.draw(st.integers(0, len(sent) - 1))
        sent[place : place + data.draw(st.integers(0, 3))] = data.draw(
            st.sampled_from(
                [b"", b"{", b"[", b'"', b"\\", b"\xff", b"\0", b"9" * 30, b"\n", b"]}", b"NaN", b"\\ud800"]
            )
        )
    try:
        records, _ = read(tmp_path_factory.mktemp("damaged"), bytes(sent), "d.l", pages=True)
    except Unreadable:
        return
    assert all((each.document is None) == (each.fault is not None) for each in records)
    assert frame_of(records).height == len(records)

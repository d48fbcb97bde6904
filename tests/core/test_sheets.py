"""Files that spreadsheets open: nothing in them runs, and nothing in them is lost."""

import csv
import io
import json
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from e_learning.core.sheets import csv_answer, csv_of, harmless

BLNS = Path(__file__).resolve().parents[3] / "shared/data/chat-blns/blns.json"
SIGNS = "=+-@＝＋－＠\t\r"
COMMAND = "=cmd|'/c calc'!A0"


def read(sheet: bytes, delimiter: str = ",") -> list[list[str]]:
    return list(csv.reader(io.StringIO(sheet.decode("utf-8-sig"), newline=""), delimiter=delimiter))


@pytest.mark.parametrize(
    "text",
    [
        COMMAND,
        "+1+1",
        "-2+3",
        "@SUM(1+1)*cmd|' /C calc'!A0",
        '"=1+1',
        "\tplain",
        "\rplain",
        "  =1+1",
        "\u00a0\u3000=1+1",
        "\u200b\ufeff=1+1",
        "\x01=1+1",
        "＝1+1",
        "＋1",
        "－1",
        "＠SUM(1)",
        "\ufe66 1",
    ],
)
def test_a_text_that_looks_like_a_formula_gets_an_apostrophe_before_it(text: str) -> None:
    assert harmless(text) == f"'{text}"
    assert read(csv_of(["note"], [[text]]))[1] == [f"'{text}"]


@pytest.mark.parametrize("text", ["\t=1+1", "\r=1+1"])
def test_so_does_each_place_where_a_formula_may_begin(text: str) -> None:
    assert harmless(text) == f"'{text[0]}'{text[1:]}"


@pytest.mark.parametrize("text", ["", "Bilal", "a = b", "5 - 3", "asha@demo.school", "आशा", "it's", "'=1", "one, -two"])
def test_plain_text_stays_as_it_is(text: str) -> None:
    assert harmless(text) == text
    assert read(csv_of(["note"], [[text]]))[1] == [text]


@pytest.mark.parametrize(
    "text", [f"x;{COMMAND};y", f"x\t{COMMAND}", f"x\n{COMMAND}", f"x\r\n {COMMAND}", f'x";{COMMAND}']
)
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_who_reads_with_another_separator_finds_no_formula_either(text: str, delimiter: str) -> None:
    cells = [cell for line in read(csv_of(["id", "note"], [[1, text]]), delimiter) for cell in line]
    assert [cell for cell in cells if cell.strip().strip('"').startswith("=")] == []


@given(st.lists(st.text(alphabet=st.sampled_from(f'{SIGNS} ;,\n"x1\u200b')), min_size=1, max_size=4))
def test_no_cell_begins_like_a_formula_whatever_it_is_read_with(texts: list[str]) -> None:
    sheet = csv_of(["id", *map(str, range(len(texts)))], [[1, *texts]])
    for delimiter in ",;\t":
        for line in read(sheet, delimiter):
            for cell in line:
                assert cell.strip(" \u200b")[:1] not in set(SIGNS) - {"\t", "\r"}, (cell, delimiter)


@pytest.mark.skipif(not BLNS.is_file(), reason="../shared/data is not here: naughty strings are not in the repository")
def test_naughty_strings_come_through() -> None:
    texts = [text for text in json.loads(BLNS.read_text("utf-8")) if "\0" not in text]

    cells = [line[1] for line in read(csv_of(["id", "note"], enumerate(texts)))[1:]]

    assert cells == list(map(harmless, texts))
    assert [cell for cell in cells if cell.strip()[:1] in set(SIGNS) - {"\t", "\r"}] == []
    changed = [text for text, cell in zip(texts, cells, strict=True) if text != cell]
    assert all(set(text) & set(f"{SIGNS}\n") for text in changed)
    assert len(changed) < len(texts) / 4


@given(st.lists(st.text(alphabet=st.characters(exclude_categories=["Cs"], exclude_characters="\0")), min_size=1))
def test_nothing_is_lost(texts: list[str]) -> None:
    [cells] = read(csv_of(["id", *texts], [[7, *texts]]))[1:]
    assert cells == ["7", *map(harmless, texts)]
    assert [cell.replace("'", "") for cell in cells[1:]] == [text.replace("'", "") for text in texts]


def test_numbers_times_and_what_is_not_there() -> None:
    row: list[Any] = [
        -5,
        Decimal("62.5"),
        None,
        datetime(2026, 11, 1, 9, 30, tzinfo=timezone(timedelta(hours=5, minutes=30))),
        datetime(2026, 11, 1, 9, 30, 0, 5, tzinfo=UTC),
    ]
    assert csv_of(["a", "b", "c", "d", "e"], [row]).decode("utf-8-sig") == (
        '"a","b","c","d","e"\r\n-5,62.5,"","2026-11-01T04:00:00Z","2026-11-01T09:30:00.000005Z"\r\n'
    )


def test_a_file_says_what_it_is_and_whose() -> None:
    answer = csv_answer("attendance", ["full_name"], [["आशा"]])

    assert answer.content == b'\xef\xbb\xbf"full_name"\r\n"\xe0\xa4\x86\xe0\xa4\xb6\xe0\xa4\xbe"\r\n'
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="attendance.csv"'
    assert answer.headers["Cache-Control"] == "private, no-store"

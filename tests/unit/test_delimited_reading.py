"""CSV and TSV: encodings, dialects, headings, shape, and the row in which each fault lies."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from pipelines.engines.duck import open_work
from pipelines.sources.delimited import read_delimited
from pipelines.sources.headings import Expected
from pipelines.sources.reading import Reading, UnreadableError
from quality.table import EXTRACT
from resource_catalog.entry import Source

Rows = list[tuple[Any, ...]]
Read = Callable[..., tuple[Reading, Rows]]
Refused = Callable[..., list[tuple[str, int | None]]]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """Reads bytes, or text as UTF-8; (reading, rows with their numbers)."""
    counter = iter(range(1000))

    def reader(
        content: str | bytes, *, expected: Sequence[str] = (), name: str = "a.csv", **source: Any
    ) -> tuple[Reading, Rows]:
        folder = tmp_path / str(next(counter))
        folder.mkdir()
        file = folder / name
        file.write_bytes(content.encode() if isinstance(content, str) else content)
        with open_work(folder / "work.duckdb", files=[file]) as connection:
            reading = read_delimited(
                connection, file, Source(path=name, **source), folder=folder, expected=Expected(tuple(expected))
            )
            return reading, connection.execute(f"SELECT * FROM {EXTRACT} ORDER BY 1").fetchall()

    return reader


@pytest.fixture
def refused(read: Read) -> Refused:
    """Reads what can't be read; (rule, row) of each finding."""

    def reader(content: str | bytes, **options: Any) -> list[tuple[str, int | None]]:
        with pytest.raises(UnreadableError) as caught:
            read(content, **options)
        return [(finding.rule, finding.row) for finding in caught.value.findings]

    return reader


TEXT = "编号,名称\n001,甲\n"


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        (TEXT.encode("utf-8"), "utf-8"),
        (TEXT.encode("utf-8-sig"), "utf-8-sig"),
        (TEXT.encode("gb18030"), "gb18030"),
        (TEXT.encode("utf-16"), "utf-16"),
        (b"\xfe\xff" + TEXT.encode("utf-16-be"), "utf-16"),
    ],
)
def test_an_encoding_is_proved_by_strict_decoding(read: Read, content: bytes, encoding: str) -> None:
    reading, rows = read(content)

    assert (reading.headings, rows, reading.encoding) == (("编号", "名称"), [(2, "001", "甲")], encoding)


def test_a_declared_encoding_is_tried_alone(read: Read, refused: Refused) -> None:
    latin = "nom\ncafé\n".encode("latin-1")

    assert read(latin, encoding="latin-1")[1] == [(2, "café")]
    assert refused(TEXT.encode("gb18030"), encoding="utf-8") == [("encoding", 1)]
    assert read(TEXT.encode("utf-8-sig"), encoding="utf-8")[0].headings == ("编号", "名称")


def test_a_wrong_encoding_is_refused_with_row_and_byte(read: Read) -> None:
    with pytest.raises(UnreadableError) as caught:
        read("甲\n乙\n".encode() + b"\xff\xff\n")

    (finding,) = caught.value.findings
    assert (finding.rule, finding.row) == ("encoding", 3)
    assert "byte 8 (0xff)" in finding.message


def test_latin_1_that_happens_to_be_valid_gb18030_is_refused(read: Read, refused: Refused) -> None:
    accents = "id,nom\n1,éléphant\n2,bébés\n".encode("latin-1")
    accents.decode("gb18030")

    assert refused(accents) == [("doubtful-encoding", 2)]
    assert read(accents, encoding="latin-1")[1][0] == (2, "1", "éléphant")
    assert read(accents, encoding="gb18030")[0].rows == 2


def test_a_rare_character_among_usual_ones_is_no_doubt(read: Read) -> None:
    assert read("姓名\n朱镕基\n".encode("gb18030"))[1] == [(2, "朱镕基")]


@pytest.mark.parametrize("character", ["\x00", "\x01", "\x0b", "\x7f", "\x85", "\ufffd"])
def test_control_characters_are_refused_with_their_rows(read: Read, character: str) -> None:
    with pytest.raises(UnreadableError) as caught:
        read(f"a,b\n1,2\n3,x{character}y{character}\n")

    assert [(finding.rule, finding.row) for finding in caught.value.findings] == [("control-character", 3)] * 2
    assert caught.value.counts == {"control-character": 2}


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_a_delimiter_is_sniffed(read: Read, delimiter: str) -> None:
    text = "\n".join(delimiter.join(cells) for cells in (("a", "b"), ("1", "2"), ("3", "4")))
    reading, rows = read(text)

    assert (reading.dialect["delimiter"], rows) == (delimiter, [(2, "1", "2"), (3, "3", "4")])


def test_the_entry_has_the_last_word_on_the_dialect(read: Read) -> None:
    assert read("a,b;c\n1,2;3\n", delimiter=";")[1] == [(2, "1,2", "3")]
    assert read("a,b\n'1,5',2\n", quote="'")[1] == [(2, "1,5", "2")]
    assert read('a,b\n"1",2\n', quote="")[1] == [(2, '"1"', "2")]
    assert read('a,b\n"1\\"x",2\n', quote='"', escape="\\")[1] == [(2, '1"x', "2")]


def test_the_schemas_names_settle_a_doubtful_delimiter(read: Read) -> None:
    text = "a;b,c\n1;2,3\n4;5,6\n"

    assert read(text, expected=["a", "b,c"])[0].headings == ("a", "b,c")
    assert read(text, expected=["a;b", "c"])[0].headings == ("a;b", "c")


def test_a_row_out_of_shape_does_not_make_one_column_of_all(refused: Refused) -> None:
    assert refused("a,b,c\n1,2,3\n4,5\n") == [("ragged-row", 3)]


def test_text_with_an_unquoted_comma_is_no_table_of_one_column(refused: Refused) -> None:
    assert refused("说明\n一, 二\n三\n") == [("ragged-row", 2)]


def test_headings_stand_in_the_row_that_the_entry_names(read: Read, refused: Refused) -> None:
    text = '"许可信息\n（二〇一七年）"\n\na,b\n1,2\n'

    assert read(text, header_row=3) == (read(text, header_row=3)[0], [(4, "1", "2")])
    assert refused("a,b\n1,2\n", header_row=7) == [("no-rows", 7)]
    assert refused("a,b\n1,2\n", header_row=[1, 2]) == [("not-this-format", None)]


def test_without_headings_columns_have_the_schemas_names_or_numbers(read: Read) -> None:
    assert read("1,2\n3,4\n", header_row=0, expected=["x", "y"])[0].headings == ("x", "y")
    reading, rows = read("1,2\n3,4\n", header_row=0)
    assert (reading.headings, rows) == (("column1", "column2"), [(1, "1", "2"), (2, "3", "4")])


def test_footers_are_left_out(read: Read) -> None:
    assert read("a,b\n1,2\n3,4\n合计,6\n制表人：甲\n", footer_rows=2)[1] == [(2, "1", "2"), (3, "3", "4")]


@pytest.mark.parametrize("blank", ["\n", "   \n", ",\n"])
def test_blank_rows_are_passed_over_said_and_counted_in_the_numbering(read: Read, blank: str) -> None:
    reading, rows = read(f"a,b\n1,2\n{blank}{blank}3,4\n")

    assert rows == [(2, "1", "2"), (5, "3", "4")]
    assert [(finding.rule, finding.severity, finding.row) for finding in reading.findings] == [
        ("blank-row", "should", 3),
        ("blank-row", "should", 4),
    ]
    assert (reading.rows, reading.counts) == (2, {"blank-row": 2})


def test_a_row_of_spaces_in_every_cell_has_values(read: Read) -> None:
    assert read("a,b\n , \n")[1] == [(2, " ", " ")]


@pytest.mark.parametrize("text", ["a,b\r\n1,2\r\n3,4\r\n", "a,b\r1,2\r3,4\r", "a,b\n1,2\r\n3,4\r", "a,b\n1,2\n3,4"])
def test_line_ends_may_be_of_any_kind_and_mixed(read: Read, text: str) -> None:
    assert read(text)[1] == [(2, "1", "2"), (3, "3", "4")]


def test_a_quoted_line_break_begins_no_new_row(read: Read) -> None:
    assert read('a,b\n"1\n\n1",2\n3,"4\r\n"\n5,6\n')[1] == [(2, "1\n\n1", "2"), (3, "3", "4\r\n"), (4, "5", "6")]


def test_ragged_rows_are_all_counted_and_the_first_shown(read: Read) -> None:
    lines = [f"{number},x" + (",y" if number % 2 else "") for number in range(1, 1001)]
    with pytest.raises(UnreadableError) as caught:
        read("a,b\n" + "\n".join(lines) + "\n")

    assert caught.value.counts == {"ragged-row": 500}
    assert [finding.row for finding in caught.value.findings][:3] == [2, 4, 6]
    assert "3 cells where the headings have 2" in caught.value.findings[0].message


def test_a_broken_quote_is_refused_with_its_row(refused: Refused) -> None:
    assert refused('a,b\n1,2\n3,"4\n5,6\n', delimiter=",", quote='"') == [("unclosed-quote", 3)]
    assert refused('a,b\n1,2\n3,"4"x\n5,6\n', delimiter=",", quote='"') == [("stray-quote", 3)]


def test_files_without_content_and_without_rows(read: Read, refused: Refused) -> None:
    assert refused("") == [("empty-file", None)]
    assert refused(b"\xef\xbb\xbf") == [("empty-file", None)]
    assert read("a,b\n")[0].rows == 0
    assert refused("\n\n") == [("blank-heading", 1)]


def test_headings_are_there_once_and_free(refused: Refused) -> None:
    assert refused("a,,a,A\n1,2,3,4\n") == [("blank-heading", 1), ("duplicate-heading", 1), ("duplicate-heading", 1)]
    assert refused("__row__,b\n1,2\n") == [("reserved-heading", 1)]


def test_cells_stay_the_text_that_they_were(read: Read) -> None:
    cells = ("007", "310101199912310017", "1.50", "1e5", " 甲 ", "NULL", "", "true", "2017/5/1")
    names = [f"c{position}" for position in range(len(cells))]
    _, rows = read(f"{','.join(names)}\n{','.join(cells)}\n")

    assert rows == [(2, *cells)]


def test_an_empty_cell_is_an_empty_text_quoted_or_not(read: Read) -> None:
    assert read('a,b,c\n,"",1\n')[1] == [(2, "", "", "1")]


def test_tsv_by_its_ending_or_its_format(read: Read) -> None:
    assert read("a\tb\n1\t2\n", name="a.tsv")[1] == [(2, "1", "2")]
    assert read("a,b\tc\n1,2\t3\n", format="tsv", delimiter="\t")[1] == [(2, "1,2", "3")]


@pytest.mark.parametrize("end", ["\n", "\r\n", ""])
@pytest.mark.parametrize("row", ["3,4,", '"3",4,'])
def test_one_delimiter_too_many_is_a_ragged_row(refused: Refused, row: str, end: str) -> None:
    assert refused(f"a,b\n1,2\n{row}{end}") == [("ragged-row", 3)]


def test_an_empty_last_column_is_no_delimiter_too_many(read: Read) -> None:
    assert read("a,b\n1,\n2,\n")[1] == [(2, "1", ""), (3, "2", "")]
    assert read('a,b\n"1",\n2,\n')[1] == [(2, "1", ""), (3, "2", "")]

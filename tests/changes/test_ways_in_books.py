"""Spreadsheets by the command line: the same mappings, a chosen sheet, a preview, and problems with their sheet, row and cell."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from openpyxl import Workbook

from kizuna.changes.mapping import built_in
from kizuna.cli import main

HEADER = built_in()["participations"].header
STATE = "@prefix k: <https://w3id.org/kizuna/ns#> .\n<https://w3id.org/kizuna/id/state/AAA> k:iso3 'AAA' ."
ROW: dict[str, object] = {"framework": "quad", "actor": "AAA", "role": "member", "from": date(2007, 5, 25)}


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    for room in ("ontology", "data", "shapes", "queries"):
        (tmp_path / "w" / room).mkdir(parents=True)
    (tmp_path / "w/data/states.ttl").write_text(STATE, "utf-8")
    return tmp_path / "w"


def book(path: Path, **sheets: list[dict[str, object]]) -> Path:
    made = Workbook()
    made.remove(made.worksheets[0])
    for title, rows in sheets.items():
        sheet = made.create_sheet(title)
        sheet.append(HEADER if rows else ["something else"])
        for row in rows:
            sheet.append([row.get(name) for name in HEADER])
    made.save(path)
    return path


def run(workspace: Path, *words: object, language: str = "en") -> Result:
    return CliRunner().invoke(main, ["import", *map(str, words), "-w", str(workspace), "-l", language])


def test_a_spreadsheet_gives_the_turtle_that_its_text_gives(workspace: Path, tmp_path: Path) -> None:
    xlsx = book(tmp_path / "participations.xlsx", one=[ROW])
    done = run(workspace, xlsx, "--into", "new")
    assert done.exit_code == 0, done.output
    assert done.output == "participations: 1 rows (sheet 'one')\n"
    turtle = (workspace / "data/new/participations.ttl").read_text("utf-8")
    csv = tmp_path / "participations.csv"
    csv.write_text(",".join(HEADER) + "\nquad,AAA,member,2007-05-25" + "," * (len(HEADER) - 4), "utf-8")
    assert run(workspace, csv, "--into", "new").exit_code == 0
    assert (workspace / "data/new/participations.ttl").read_text("utf-8") == turtle
    assert "2007-05-25" in turtle


def test_the_sheet_is_chosen_or_has_the_mapping_s_name_or_is_the_first(
    workspace: Path, tmp_path: Path
) -> None:
    second = ROW | {"role": "observer"}
    xlsx = book(tmp_path / "plan.xlsx", notes=[], participations=[ROW], more=[second])
    named = run(workspace, xlsx, "--table", "participations", "--preview")
    assert "sheet 'participations'; sheets not read: notes, more" in named.output
    assert "role:member" in named.output
    assert "2  participation:quad-aaa-member-2007-05-25" in named.output
    chosen = run(workspace, xlsx, "--table", "participations", "--sheet", "more", "--preview")
    assert "role:observer" in chosen.output
    wrong = run(workspace, xlsx, "--table", "participations", "--sheet", "Tabelle1", language="ja")
    assert wrong.exit_code == 2
    assert (
        "plan.xlsx: 「Tabelle1」というシートはありません(あるもの: notes, participations, more)"
        in wrong.output
    )


@pytest.mark.parametrize(
    ("cells", "place", "words"),
    [
        ({"actor": "ZZZ"}, "participations:3 [actor] 参加!B3", "ZZZ"),
        ({"note_en": "=1+1"}, f"[note_en] 参加!{chr(65 + HEADER.index('note_en'))}3", "paste its value"),
        ({"to": "#N/A"}, "[to] 参加!E3", "#N/A"),
        ({"from": "令和元年"}, "[from] 参加!D3", "2019"),
        ({}, "参加!3:3", "line 2"),
    ],
)
def test_problems_name_sheet_row_and_cell_and_nothing_is_written(
    workspace: Path, tmp_path: Path, cells: dict[str, object], place: str, words: str
) -> None:
    xlsx = book(tmp_path / "participations.xlsx", 参加=[ROW, ROW | cells])
    done = run(workspace, xlsx, "--into", "new")
    assert done.exit_code == 1
    assert place in done.output
    assert words in done.output
    assert not (workspace / "data/new").exists()


@pytest.mark.parametrize(
    ("name", "body", "words"),
    [
        ("participations.xls", b"\xd0\xcf\x11\xe0", "CSV, TSV or XLSX"),
        ("participations.xlsx", b"PK\x03\x04 cut off", "make sure that it is whole"),
        ("colours.csv", b"a,b\n", "choose one of"),
        ("participations.csv", b'a,"b\n', "check its quotation marks"),
        ("participations.csv", "絆\n".encode() + b"\x81\xff", "Save the file as UTF-8"),
    ],
)
def test_a_file_that_cannot_be_read_is_named_with_what_to_do(
    workspace: Path, tmp_path: Path, name: str, body: bytes, words: str
) -> None:
    (tmp_path / name).write_bytes(body)
    done = run(workspace, tmp_path / name, "--into", "new")
    assert done.exit_code == 2
    assert name in done.output
    assert words in done.output
    assert not (workspace / "data/new").exists()
    assert run(workspace, tmp_path / name, language="ja").output != done.output


def test_two_files_of_one_table_do_not_overwrite_each_other(workspace: Path, tmp_path: Path) -> None:
    folder = tmp_path / "tables"
    folder.mkdir()
    book(folder / "participations.xlsx", one=[ROW])
    (folder / "participations.csv").write_text(",".join(HEADER), "utf-8")
    (folder / "notes.txt").write_text("no table", "utf-8")
    done = run(workspace, folder, "--into", "new")
    assert done.exit_code == 2
    assert "one by one" in done.output
    assert not (workspace / "data/new").exists()

"""What the gate finds about a file that somebody sends is told with its place there, in every form of the report."""

from __future__ import annotations

import io
import json
from typing import cast

import pytest
from flask import Flask
from openpyxl import Workbook
from pyoxigraph import Store

from kizuna.changes.mapping import built_in
from kizuna.changes.places import find
from kizuna.changes.tables import letters
from kizuna.engine.types import Engine
from kizuna.settings import Settings
from kizuna.web.app import create_app
from tests.changes.conftest import Bench
from tests.changes.test_web import SUBJECT, csrf, signed_in, token
from tests.changes.worlds import PREF
from tests.support.sarif import faults

HEADER = list(built_in()["participations"].header)
ROW = dict.fromkeys(HEADER, "") | {
    "framework": "quad", "actor": "AAA", "role": "member", "from": "2020-01-01", "to": "2010-01-01",
}  # fmt: skip
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
NAME = PREF.value


@pytest.fixture(scope="module")
def app(shared: Bench) -> Flask:
    shared.ledger.accounts.set_password("sato", "correct horse battery", by="test")
    return create_app(cast(Engine, shared.engine), Settings(workspace=shared.workspace, language="en"))


def post(
    shared: Bench, app: Flask, body: bytes, media_type: str, accept: str, **more: str
) -> tuple[int, str]:
    query = "&".join(f"{key}={value}" for key, value in {"graph": "data/facts", **more}.items())
    answer = app.test_client().post(
        f"/desk/proposals?{query}",
        data=body,
        headers={**token(shared, "sato", "propose"), "Accept": accept},
        content_type=media_type,
    )
    return answer.status_code, answer.text


def places(text: str, focus: str) -> list[dict[str, object]]:
    found = json.loads(text)["findings"]
    return [one["location"] for one in found if one["focus"] == focus and one["location"]]


@pytest.mark.parametrize(
    ("media_type", "text"),
    [
        ("text/turtle", f'# a comment\n\n<{SUBJECT}>\n  <{NAME}> "Nur dies"@de .\n'),
        ("application/trig", f'# one\nGRAPH <g> {{\n <{SUBJECT}> <{NAME}> "Nur dies"@de }}\n'),
        (
            "application/ld+json",
            f'{{"@context": {{"name": {{"@id": "{NAME}", "@language": "de"}}}},\n\n"@id": "{SUBJECT}",\n"name": "Nur dies"}}',
        ),
        ("application/n-triples", f'# one\n\n<{SUBJECT}> <{NAME}> "Nur dies"@de .\n'),
    ],
    ids=["turtle", "trig", "json-ld", "n-triples"],
)  # fmt: skip
def test_a_document_s_finding_has_the_line_of_its_property(
    shared: Bench, app: Flask, media_type: str, text: str
) -> None:
    text = text.replace("<g>", "<https://w3id.org/kizuna/graph/data/facts>")
    status, told = post(
        shared, app, text.encode(), media_type, "application/json", mode="replace-things", file="mine.txt"
    )
    assert status == 422
    assert {"path": "mine.txt", "line": 3} in places(told, SUBJECT)


def test_every_form_of_the_report_names_the_place(shared: Bench, app: Flask) -> None:
    body = f'\n\n<{SUBJECT}>\n  <{NAME}> "Nur dies"@de .\n'.encode()
    for accept in ("text/plain", "application/xml", "application/sarif+json"):
        status, told = post(shared, app, body, "text/turtle", accept, mode="replace-things", file="mine.ttl")
        assert status == 422
        if accept == "application/sarif+json":
            physical = [
                r["locations"][0].get("physicalLocation") for r in json.loads(told)["runs"][0]["results"]
            ]
            assert any(p and p["region"] == {"startLine": 3} for p in physical)
            assert faults(json.loads(told)) == []
        else:
            assert "mine.ttl:3" in told


def csv_of(*rows: dict[str, str]) -> bytes:
    lines = [",".join(HEADER), *(",".join(row[name] for name in HEADER) for row in rows)]
    return "\n".join(lines).encode()


def xlsx_of(*rows: dict[str, str]) -> bytes:
    book, out = Workbook(), io.BytesIO()
    sheet = book.active
    assert sheet is not None
    sheet.title = "参加"
    sheet.append(HEADER)
    for row in rows:
        sheet.append([row[name] for name in HEADER])
    book.save(out)
    return out.getvalue()


def test_a_table_s_finding_has_its_row_column_and_cell(shared: Bench, app: Flask) -> None:
    good = ROW | {"from": "2001", "to": ""}
    focus = "https://w3id.org/kizuna/id/participation/quad-aaa-member-2020-01-01"
    for body, media_type, name in (
        (csv_of(good, ROW), "text/csv", "mine.csv"),
        (xlsx_of(good, ROW), XLSX, "mine.xlsx"),
    ):
        status, told = post(
            shared, app, body, media_type, "application/json", table="participations", file=name
        )
        assert status == 422, told
        found = places(told, focus)
        assert found, told
        assert all(place["line"] == 3 and place["path"] == name for place in found)
        named = [place for place in found if place.get("field")]
        assert named
        for place in named:
            column = HEADER.index(str(place["field"])) + 1
            assert place["column"] == column
            assert place.get("cell", "") == (f"参加!{letters(column)}3" if media_type == XLSX else "")


def test_the_page_of_the_proposal_tells_the_place_and_keeps_it(shared: Bench, app: Flask) -> None:
    sato = signed_in(app, "sato")
    form = {
        "csrf": csrf(sato.get("/desk/new").text),
        "title": "t",
        "graph": "data/facts",
        "mode": "replace-things",
        "file": (io.BytesIO(f'\n\n\n<{SUBJECT}> <{NAME}> "Nur dies"@de .\n'.encode()), "mine.ttl"),
    }
    answer = sato.post("/desk/new", data=form, content_type="multipart/form-data")
    assert answer.status_code == 303, answer.text
    assert "mine.ttl:4" in sato.get(answer.headers["Location"]).text
    assert "場所: <code>mine.ttl:4" in sato.get(answer.headers["Location"] + "?lang=ja").text


def test_the_line_of_a_property_is_found_in_json_ld_with_prefixes_and_terms() -> None:
    text = (
        '{"@context": {"ex": "https://example.org/", "label": {"@id": "ex:label"}, "id": "@id"},\n'
        ' "@graph": [\n  {"id": "ex:one",\n   "label": "1"},\n  {"id": "ex:two",\n   "ex:other": 2,\n   "label": "2"}]}'
    )
    wanted = [["https://example.org/two", "https://example.org/label"], ["https://example.org/one", ""]]
    found = json.loads(find(Store(), text.encode(), "application/ld+json", "a.jsonld", "", "", wanted))
    lines = {one[0]: one[2][1] for one in found}
    assert lines == {"https://example.org/two": 7, "https://example.org/one": 3}


def test_columns_are_named_as_spreadsheets_do() -> None:
    assert [letters(n) for n in (1, 26, 27, 52, 703)] == ["A", "Z", "AA", "AZ", "AAA"]

"""Files that cannot be taken, by the desk's form and by the interface for programs: a clear answer in both languages, and nothing kept."""

from __future__ import annotations

import io
import zipfile
from typing import cast

import pytest
from flask import Flask
from flask.testing import FlaskClient
from openpyxl import Workbook

from kizuna.changes.mapping import built_in
from kizuna.engine.types import Engine
from kizuna.settings import Settings
from kizuna.web.app import create_app
from kizuna.web.desk_ways import XLSX
from tests.changes.conftest import Bench
from tests.changes.test_web import csrf, signed_in, token
from tests.changes.worlds import FACTS

HEADER = built_in()["participations"].header
GOOD = {"framework": "quad", "actor": "AAA", "role": "member", "from": "2007-05-25"}
MOST = 300_000


@pytest.fixture(scope="module")
def app(shared: Bench) -> Flask:
    shared.ledger.accounts.set_password("sato", "correct horse battery", by="test")
    settings = Settings(workspace=shared.workspace, language="en", max_request_bytes=MOST)
    return create_app(cast(Engine, shared.engine), settings)


@pytest.fixture(scope="module")
def sato(app: Flask) -> FlaskClient:
    return signed_in(app, "sato")


def csv(*rows: dict[str, str], header: tuple[str, ...] = HEADER) -> bytes:
    return "\n".join([",".join(header), *(",".join(row.get(n, "") for n in header) for row in rows)]).encode()


def book(*rows: dict[str, str], **parts: bytes) -> bytes:
    """A spreadsheet of two sheets; `parts` stand in for those of the archive, by the end of their names."""
    made, out = Workbook(), io.BytesIO()
    made.worksheets[0].title = "participations"
    made.create_sheet("メモ").append(["not read"])
    for cells in (HEADER, *([row.get(n) for n in HEADER] for row in rows)):
        made.worksheets[0].append(cells)
    made.save(out)
    changed = io.BytesIO()
    with zipfile.ZipFile(out) as whole, zipfile.ZipFile(changed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in whole.namelist():
            archive.writestr(name, parts.get(name.rpartition("/")[2].partition(".")[0], whole.read(name)))
    return changed.getvalue()


LAUGHS = b'<!DOCTYPE w [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]><worksheet><sheetData><row><c t="str"><v>&b;</v></c></row></sheetData></worksheet>'
REMOTE = b'{"@context": "http://127.0.0.1:9/context", "@id": "urn:a", "p": "x"}'
REFUSED: dict[str, tuple[str, bytes, str, str, str]] = {
    "columns missing": ("text/csv", csv(GOOD, header=HEADER[:3]), "bad-table", "Columns are missing: from", "列が足りません: from"),
    "a column twice": ("text/csv", csv(GOOD, header=(*HEADER, "actor")), "bad-table", "names a column twice: actor", "同じ列が二つあります: actor"),
    "an unknown column": ("text/csv", csv(GOOD, header=(*HEADER, "colour")), "bad-table", "does not know: colour", "知らない列があります: colour"),
    "a short row": ("text/csv", csv() + b"\nquad,AAA,member,2007", "bad-table", "participations:2: Wrong number of cells (4 / 9)", "列の数が違います(4 / 9)"),
    "nothing": ("text/csv", b"", "bad-table", "The table is empty", "表が空です"),
    "no rows": ("text/csv", csv(), "bad-table", "no rows below the header", "見出しの下に行がありません"),
    "the same twice": ("text/csv", csv(GOOD, GOOD | {"note_en": "other"}), "bad-table", "Is the same thing as line 2", "2行目と同じもの"),
    "a formula": (XLSX, book(GOOD | {"to": "=TODAY()"}), "bad-table", "participations!E2: Is a formula", "participations!E2: 数式です"),
    "an era": ("text/csv", csv(GOOD | {"from": "平成19年"}), "bad-table", "the year is 2007", "年は2007"),
    "mixed encodings": ("text/csv", csv(GOOD) + "\n日本".encode() + b"\x81\xff", "bad-table", "Line 3", "3行目"),
    "no spreadsheet": (XLSX, book(GOOD)[:2_000], "bad-table", "make sure that it is whole", "途中で切れていないか"),
    "an old spreadsheet": ("application/vnd.ms-excel", b"\xd0\xcf\x11\xe0", "document-type", "a table as CSV or XLSX", "表は CSV か XLSX"),
    "entities": (XLSX, book(sheet1=LAUGHS), "bad-table", "cannot be read", "XLSX を読めません"),
    "an archive that unpacks to too much": (XLSX, book(sheet1=b" " * 30_000_000), "bad-table", "unpacks to too much", "大きすぎる XLSX"),
    "a row far away": (XLSX, book(sheet1=b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData><row r="999999999"><c r="A999999999" t="str"><v>x</v></c></row></sheetData></worksheet>'), "bad-table", "more than 200000 rows", "200000行を超える"),
    "a context elsewhere": ("application/ld+json", REMOTE, "remote-context", "Contexts are not fetched", "取得しません"),
    "too large": ("text/csv", b"," * (MOST + 1), "too-large", "kizuna propose on the server", "サーバーで kizuna propose"),
}  # fmt: skip


def kept(shared: Bench) -> int:
    return len(shared.ledger.proposals.list("draft", "open"))


def post(app: Flask, shared: Bench, media_type: str, body: bytes, language: str, **more: str):  # type: ignore[no-untyped-def]  # fmt: skip
    query = {"graph": FACTS.value, "table": "participations", "lang": language, **more}
    return app.test_client().post(
        "/desk/proposals",
        query_string=query,
        data=body,
        content_type=media_type,
        headers=token(shared, "sato", "propose"),
    )


@pytest.mark.parametrize("name", REFUSED)
def test_programs_are_told_what_is_wrong_in_their_language(shared: Bench, app: Flask, name: str) -> None:
    media_type, body, code, *words = REFUSED[name]
    for language, expected in zip(("en", "ja"), words, strict=True):
        answer = post(app, shared, media_type, body, language)
        assert answer.json["code"] == code, answer.text
        assert expected in answer.json["detail"]
        assert answer.json["what_to_do"]
        assert 400 <= answer.status_code < 500
    assert kept(shared) == 0


def form(sato: FlaskClient, where: str, name: str, body: bytes, language: str, **more: str):  # type: ignore[no-untyped-def]  # fmt: skip
    fields = {"csrf": csrf(sato.get("/desk/new").text), "title": "x", "graph": FACTS.value, **more}
    return sato.post(
        f"/desk/{where}?lang={language}",
        data={**fields, "file": (io.BytesIO(body), name)},
        content_type="multipart/form-data",
    )


@pytest.mark.parametrize("name", REFUSED)
def test_people_are_told_the_same_by_the_form(shared: Bench, sato: FlaskClient, name: str) -> None:
    media_type, body, _, *words = REFUSED[name]
    suffix = {"text/csv": "csv", XLSX: "xlsx", "application/ld+json": "jsonld"}.get(media_type, "xls")
    for language, expected in zip(("en", "ja"), words, strict=True):
        answer = form(sato, "new", f"participations.{suffix}", body, language)
        assert 400 <= answer.status_code < 500
        assert expected in answer.text, answer.text
    assert kept(shared) == 0


def test_an_unknown_mapping_is_answered_with_those_there_are(shared: Bench, app: Flask) -> None:
    for language, words in (("en", "choose one of"), ("ja", "どれかを選んでください")):
        answer = post(app, shared, "text/csv", csv(GOOD), language, table="colours")
        assert answer.status_code == 422
        assert words in answer.json["detail"]
        assert "participations" in answer.json["detail"]


def test_an_upload_that_breaks_off_is_no_change(shared: Bench, app: Flask, sato: FlaskClient) -> None:
    body = csv(GOOD)
    answer = app.test_client().post(
        "/desk/proposals?graph=data/facts&table=participations",
        input_stream=io.BytesIO(body),
        environ_overrides={"wsgi.input_terminated": True, "CONTENT_LENGTH": str(len(body) + 100)},
        content_type="text/csv",
        headers=token(shared, "sato", "propose"),
    )
    assert answer.status_code == 400, answer.text
    assert "broke off" in answer.json["detail"]
    begun = b'--b\r\nContent-Disposition: form-data; name="text"\r\n\r\n' + body
    answer = sato.post(
        "/desk/new?lang=ja",
        input_stream=io.BytesIO(begun),
        environ_overrides={"wsgi.input_terminated": True, "CONTENT_LENGTH": str(len(begun) + 100)},
        content_type="multipart/form-data; boundary=b",
    )
    assert answer.status_code == 400, answer.text
    assert "途中で切れました" in answer.text
    assert kept(shared) == 0


def test_a_preview_shows_rows_or_problems_and_keeps_nothing(shared: Bench, sato: FlaskClient) -> None:
    good = form(sato, "preview", "any.xlsx", book(GOOD), "en", table="participations")
    assert good.status_code == 200, good.text
    assert "participation/quad-aaa-member-2007-05-25" in good.text
    assert "sheet “participations”" in good.text
    assert "メモ" in good.text
    bad = form(sato, "preview", "participations.xlsx", book(GOOD | {"actor": "ZZZ"}), "ja")
    assert bad.status_code == 422
    assert "participations!B2" in bad.text
    assert "ZZZ" in bad.text
    other = form(sato, "preview", "participations.xlsx", book(GOOD), "en", sheet="メモ")
    assert "Columns are missing" in other.text
    none = form(sato, "preview", "participations.xlsx", book(GOOD), "ja", sheet="Sheet9")
    assert "シートはありません" in none.text
    assert form(sato, "preview", "x.ttl", b"", "en").status_code == 422
    assert kept(shared) == 0


def test_what_is_too_much_for_its_sandbox_is_told_so(shared: Bench) -> None:
    settings = Settings(workspace=shared.workspace, language="en", write_seconds=0.01)
    hurried = create_app(cast(Engine, shared.engine), settings)
    rows = [GOOD | {"from": str(1000 + n)} for n in range(2_000)]
    for language, words in (("en", "longer than it may"), ("ja", "時間の上限")):
        answer = post(hurried, shared, "text/csv", csv(*rows), language)
        assert answer.json["code"] == "upload-too-heavy", answer.text
        assert words in answer.json["detail"]

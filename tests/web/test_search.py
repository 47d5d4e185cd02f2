"""The search page and its forms."""

from __future__ import annotations

from flask.testing import FlaskClient


def test_results_stand_under_their_kinds_in_both_languages(client: FlaskClient) -> None:
    assert "Agreements" in client.get("/search?q=acsa&lang=en").text
    assert "協定・文書" in client.get("/search?q=acsa&lang=ja").text


def test_suggestions_are_in_the_language_of_the_page_and_lead_to_pages(client: FlaskClient) -> None:
    body = client.get("/search.json?q=Phillipines&most=0&lang=ja&asof=2026-01-01").get_json()
    first = body["suggestions"][0]
    assert first["label"] == "フィリピン"
    assert first["address"] == "/actors/state/PHL?lang=ja&asof=2026-01-01"


def test_the_box_is_a_form_on_every_page_that_keeps_language_and_day(client: FlaskClient) -> None:
    html = client.get("/frameworks?lang=en&asof=2026-01-01").text
    form = html[html.index('id="search"') : html.index("</form>", html.index('id="search"'))]
    assert '<input type="hidden" name="asof" value="2026-01-01">' in form
    assert 'name="q"' in form


def test_search_reads_the_view(client: FlaskClient) -> None:
    def total(query: str) -> int:
        return int(
            client.get(f"/search.json?q=Reciprocal+Access+Philippines{query}").get_json()["page"]["total"]
        )

    assert total("") > total("&asof=2010-01-01")


def test_markup_in_a_query_or_a_name_stays_text(client: FlaskClient) -> None:
    html = client.get("/search?q=<b>Bold</b>&lang=en").text
    assert "<b>Bold" not in html
    assert "&lt;b&gt;Bold&lt;/b&gt;" in html


def test_what_cannot_be_asked_for_is_refused(client: FlaskClient) -> None:
    for bad in ("kind=nonsense", "most=-1", "most=101", "most=x"):
        assert client.get(f"/search?q=a&{bad}").status_code == 400
    assert client.get("/search?q=zzzzqqq&lang=en").status_code == 200

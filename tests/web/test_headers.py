"""Nothing inline, nothing from elsewhere, nothing to be framed."""

from __future__ import annotations

import gzip
import re
from functools import partial
from io import BytesIO

import pytest
from flask.testing import FlaskClient

from kizuna.settings import Settings
from kizuna.web.app import create_app
from tests.support.world import WatchedEngine

PAGES = [
    "/",
    "/actors/state/PHL",
    "/agreements/cptpp",
    "/frameworks/quad",
    "/ns",
    "/nope",
    "/actors.json",
    "/health",
]


@pytest.mark.parametrize("page", PAGES)
def test_every_answer_carries_the_security_headers(client: FlaskClient, page: str) -> None:
    headers = client.get(page).headers
    policy = headers["Content-Security-Policy"]
    assert "unsafe-inline" not in policy
    assert "unsafe-eval" not in policy
    assert "frame-ancestors 'none'" in policy
    assert "default-src 'none'" in policy
    assert "http" not in policy, "no other origin is allowed"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"


@pytest.mark.parametrize("page", PAGES[:6])
def test_pages_hold_no_inline_style_script_or_handler(client: FlaskClient, page: str) -> None:
    html = client.get(page).text
    assert not re.search(r"<style\b|\sstyle=|\son[a-z]+=|javascript:", html)
    assert not re.search(r"<script(?![^>]*\bsrc=)(?![^>]*application/json)", html)
    assert not re.search(
        r'<(?:script|img|iframe|link rel="stylesheet")[^>]*(?:src|href)="(?:https?:)?//', html
    )


def test_a_body_beyond_the_limit_is_refused(engine: WatchedEngine) -> None:
    app = create_app(engine, Settings(max_request_bytes=10))

    @app.post("/test-echo")
    def echo() -> str:
        from flask import request

        return str(len(request.get_data()))

    post = partial(app.test_client().post, "/test-echo", headers={"Accept": "application/json"})
    # With its length told beforehand, and in chunks of which nobody knows how many will come.
    for answer in (
        post(data=b"x" * 11),
        post(input_stream=BytesIO(b"x" * 11), environ_overrides={"wsgi.input_terminated": True}),
    ):
        assert answer.status_code == 413
        assert answer.get_json()["code"] == "too-large"


def test_forwarded_headers_are_believed_only_when_set(engine: WatchedEngine) -> None:
    forwarded = {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "kizuna.example"}
    for hops, expected in ((0, "http://localhost"), (1, "https://kizuna.example")):
        app = create_app(engine, Settings(proxy_hops=hops))

        @app.get("/test-root")
        def root() -> str:
            from flask import request

            return request.url_root

        assert app.test_client().get("/test-root", headers=forwarded).text.rstrip("/") == expected


def test_text_is_packed_for_whoever_takes_it_and_only_for_them(client: FlaskClient) -> None:
    page = "/actors/state/PHL?lang=en"
    plain = client.get(page)
    packed = client.get(page, headers={"Accept-Encoding": "gzip, br"})
    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.data) == plain.data
    assert len(packed.data) * 3 < len(plain.data)
    for answer in (plain, packed):
        assert "Accept-Encoding" in answer.headers["Vary"]
    again = client.get(page, headers={"Accept-Encoding": "gzip", "If-None-Match": packed.headers["ETag"]})
    assert again.status_code == 304
    refused = client.get(page, headers={"Accept-Encoding": "gzip;q=0"})
    assert "Content-Encoding" not in refused.headers


def test_the_bundle_is_packed_and_may_be_kept_for_good(client: FlaskClient) -> None:
    style = re.search(r'href="(/static/build/style-[^"]+)"', client.get("/").text)
    assert style, "the bundle is built before the tests run"
    plain = client.get(style[1], buffered=True)
    packed = client.get(style[1], headers={"Accept-Encoding": "gzip"})
    assert gzip.decompress(packed.data) == plain.data
    assert "immutable" in packed.headers["Cache-Control"]
    assert packed.headers["X-Content-Type-Options"] == "nosniff"

"""Signing in at an OpenID provider: a real provider over HTTP; forged answers are refused, local accounts are not taken over."""

from __future__ import annotations

import json
import secrets
import threading
import time
from collections.abc import Iterator
from typing import Any, cast
from urllib.parse import urlencode, urlsplit

import pytest
import requests
from flask import Flask
from flask.testing import FlaskClient
from joserfc import jwt
from joserfc.jwk import RSAKey
from werkzeug.serving import make_server
from werkzeug.wrappers import Request, Response

from kizuna.engine.types import Engine
from kizuna.settings import Settings
from kizuna.web.app import create_app
from tests.changes.conftest import Bench

CLIENT, SECRET = "kizuna-test", "a client secret"


class Provider:
    """The least of a provider: discovery, keys, authorization (says yes), token."""

    def __init__(self) -> None:
        self.key = RSAKey.generate_key(2048, {"kid": "one", "use": "sig", "alg": "RS256"})
        self.signing = self.key
        self.subject: dict[str, Any] = {"sub": "s-1", "preferred_username": "Hana K", "name": "華"}
        self.claims: dict[str, Any] = {}
        self.codes: dict[str, dict[str, str]] = {}
        self.server = make_server("127.0.0.1", 0, self.answer, threaded=True)
        self.issuer = f"http://127.0.0.1:{self.server.server_port}"
        self.thread = threading.Thread(target=self.server.serve_forever)
        self.thread.start()

    def close(self) -> None:
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()

    @Request.application
    def answer(self, request: Request) -> Response:
        if request.path == "/.well-known/openid-configuration":
            return self.json(
                {
                    "issuer": self.issuer,
                    "authorization_endpoint": self.issuer + "/authorize",
                    "token_endpoint": self.issuer + "/token",
                    "jwks_uri": self.issuer + "/keys",
                    "response_types_supported": ["code"],
                    "subject_types_supported": ["public"],
                    "id_token_signing_alg_values_supported": ["RS256"],
                }
            )
        if request.path == "/keys":
            return self.json({"keys": [self.key.as_dict(private=False)]})
        if request.path == "/authorize":
            code = secrets.token_hex(8)
            self.codes[code] = request.args.to_dict()
            back = {"code": code, "state": request.args["state"]}
            return Response(
                status=302, headers={"Location": request.args["redirect_uri"] + "?" + urlencode(back)}
            )
        asked = self.codes.pop(request.form["code"])
        assert request.authorization is not None
        assert (request.authorization.username, request.authorization.password) == (CLIENT, SECRET)
        assert asked["code_challenge_method"] == "S256"
        assert request.form["code_verifier"]
        now = int(time.time())
        claims = {
            "iss": self.issuer,
            "aud": CLIENT,
            "iat": now,
            "exp": now + 60,
            "nonce": asked["nonce"],
            **self.subject,
            **self.claims,
        }
        token = jwt.encode({"alg": "RS256", "kid": "one"}, claims, self.signing)
        return self.json({"access_token": "x", "token_type": "Bearer", "id_token": token, "expires_in": 60})

    @staticmethod
    def json(body: object) -> Response:
        return Response(json.dumps(body), mimetype="application/json")


@pytest.fixture
def provider() -> Iterator[Provider]:
    made = Provider()
    yield made
    made.close()


@pytest.fixture
def app(bench: Bench, provider: Provider) -> Flask:
    settings = Settings(
        workspace=bench.workspace,
        language="en",
        oidc_issuer=provider.issuer,
        oidc_client_id=CLIENT,
        oidc_client_secret=SECRET,
        oidc_role="analyst",
    )
    return create_app(cast(Engine, bench.engine), settings)


def walk(client: FlaskClient) -> Any:
    """What a browser does: to the provider and back."""
    away = client.get("/account/oidc/begin")
    assert away.status_code == 302
    back = requests.get(away.headers["Location"], allow_redirects=False, timeout=90).headers["Location"]
    parts = urlsplit(back)
    return client.get(f"{parts.path}?{parts.query}")


def test_the_first_sign_in_makes_an_account_and_the_second_finds_it(bench: Bench, app: Flask) -> None:
    for _ in range(2):
        client = app.test_client()
        assert "Sign in with OpenID" in client.get("/account/sign-in").text
        answer = walk(client)
        assert answer.status_code == 303, answer.text
        assert "華" in client.get("/account/").text
    account = bench.ledger.accounts.get("hana-k")
    assert (account.role, account.subject) == ("analyst", "s-1")
    assert len(bench.ledger.accounts.list()) == 7


def test_a_name_that_is_taken_is_not_taken_over(bench: Bench, app: Flask, provider: Provider) -> None:
    provider.subject["preferred_username"] = "admin"
    client = app.test_client()
    walk(client)
    assert bench.ledger.accounts.get("admin").subject is None
    assert bench.ledger.accounts.get("admin-2").role == "analyst"


@pytest.mark.parametrize("wrong", ["aud", "iss", "nonce", "exp", "signature"])
def test_forged_answers_sign_nobody_in(bench: Bench, app: Flask, provider: Provider, wrong: str) -> None:
    if wrong == "signature":
        provider.signing = RSAKey.generate_key(2048, {"kid": "one"})
    else:
        provider.claims = {wrong: 1 if wrong == "exp" else "somebody else"}
    client = app.test_client()
    answer = walk(client)
    assert (answer.status_code, "sign-in-failed" in answer.text) == (401, True)
    assert len(bench.ledger.accounts.list()) == 6


def test_an_answer_without_its_beginning_is_refused(app: Flask) -> None:
    answer = app.test_client().get("/account/oidc/back?code=x&state=y")
    assert answer.status_code == 401


def test_a_closed_account_stays_closed(bench: Bench, app: Flask) -> None:
    walk(app.test_client())
    bench.ledger.accounts.set_active("hana-k", False, by="admin")
    assert walk(app.test_client()).status_code == 401

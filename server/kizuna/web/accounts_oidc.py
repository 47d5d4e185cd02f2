"""Signing in at an OpenID provider (authorization code with PKCE), by Authlib. Asks the provider over HTTP.

Source: OpenID Connect Core 1.0, section 3.1. Authlib checks state, nonce, issuer, audience, signature and times.
"""

from __future__ import annotations

import re
from typing import Any, cast

from authlib.integrations.base_client import OAuthError
from authlib.integrations.flask_client import OAuth
from flask import Blueprint, Flask, Response, current_app, make_response, redirect, session, url_for
from requests import RequestException

from kizuna.ledger.accounts import AccountError
from kizuna.ledger.database import ledger_path
from kizuna.ledger.ledger import Ledger
from kizuna.ledger.records import Account, Role
from kizuna.web.accounts_session import begin, needed_ledger
from kizuna.web.current import Desk, settings
from kizuna.web.desk_words import say
from kizuna.web.errors import ProblemError

oidc = Blueprint("accounts_oidc", __name__, url_prefix="/account/oidc")


def install(app: Flask) -> None:
    """Register the routes; with a provider configured, prepare the short-lived cookie of the walk there and back.

    Its key is in the ledger (which is made if there is none yet), so that all web processes have the same.
    """
    app.register_blueprint(oidc)
    chosen = cast(Desk, app.extensions["kizuna"]).settings
    if chosen.oidc_issuer and not chosen.no_gate:
        books = Ledger(ledger_path(chosen.workspace))
        app.secret_key = books.accounts.key("flask")
        books.close()
        app.config.update(
            SESSION_COOKIE_NAME="kizuna-oidc", SESSION_COOKIE_HTTPONLY=True, SESSION_COOKIE_SAMESITE="Lax"
        )


def _provider() -> Any:
    """The configured provider.

    Raises:
        ProblemError: `not-found` when none is configured.
    """
    chosen = settings()
    if not chosen.oidc_issuer:
        raise ProblemError(
            "not-found", say("OpenID は設定されていません。", "No OpenID provider is configured.")
        )
    known = current_app.extensions.get("kizuna-oidc")
    if known is None:
        known = OAuth(current_app).register(
            "kizuna",
            client_id=chosen.oidc_client_id,
            client_secret=chosen.oidc_client_secret,
            server_metadata_url=chosen.oidc_issuer.rstrip("/") + "/.well-known/openid-configuration",
            client_kwargs={"scope": "openid profile", "code_challenge_method": "S256", "timeout": 10},
        )
        current_app.extensions["kizuna-oidc"] = known
    return known


def _failed(error: Exception) -> ProblemError:
    return ProblemError(
        "sign-in-failed",
        say(
            f"OpenID プロバイダーでのサインインが完了しませんでした({type(error).__name__})。",
            f"Signing in at the OpenID provider was not completed ({type(error).__name__}).",
        ),
    )


@oidc.get("/begin")
def start() -> Response:
    """Send the browser to the provider."""
    try:
        return cast(
            Response, _provider().authorize_redirect(url_for("accounts_oidc.back", _external=True, lang=None))
        )
    except (RequestException, OAuthError) as error:
        raise _failed(error) from error


@oidc.get("/back")
def back() -> Response:
    """The browser returns from the provider."""
    try:
        token = _provider().authorize_access_token()
    except Exception as error:  # a forged state, a wrong signature, a provider that is away: all end here
        if isinstance(error, ProblemError):
            raise
        raise _failed(error) from error
    claims = token.get("userinfo") or {}
    issuer, subject = str(claims.get("iss", "")), str(claims.get("sub", ""))
    if not issuer or not subject:
        raise _failed(ValueError("no subject"))
    account = _account(needed_ledger(), issuer, subject, claims)
    if not account.active:
        raise ProblemError(
            "sign-in-failed", say("このアカウントは閉じられています。", "This account is closed.")
        )
    session.clear()
    return begin(make_response(redirect(url_for("desk.desk"), 303)), account.name)


def _account(books: Ledger, issuer: str, subject: str, claims: dict[str, Any]) -> Account:
    """The account of a subject; made when it is seen for the first time. A local account is never taken over by its name."""
    found = books.accounts.of_subject(issuer, subject)
    if found is not None:
        return found
    wished = str(claims.get("preferred_username") or claims.get("nickname") or subject)
    plain = re.sub(r"[^a-z0-9._-]+", "-", wished.lower()).strip("-._")[:48] or "user"
    for number in range(1, 100):
        name = plain if number == 1 else f"{plain}-{number}"
        try:
            return books.accounts.add(
                name,
                cast(Role, settings().oidc_role),
                display=str(claims.get("name") or wished)[:100],
                issuer=issuer,
                subject=subject,
            )
        except AccountError as error:
            if error.code != "name-taken":
                raise _failed(error) from error
    raise _failed(ValueError("no free name"))

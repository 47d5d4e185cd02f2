"""/account: signing in and out, API tokens, people. No logic of its own."""

from __future__ import annotations

import re
from typing import Final

from flask import Blueprint, Flask, Response, make_response, redirect, render_template, request, url_for
from flask.blueprints import BlueprintSetupState

from kizuna.changes.permissions import ROLE_NAMES
from kizuna.ledger.accounts import AccountError, TooManyAttemptsError
from kizuna.ledger.records import ROLES, SCOPES
from kizuna.web import accounts_oidc, accounts_session
from kizuna.web.accounts_session import begin, end, needed_actor, needed_ledger, require
from kizuna.web.current import settings
from kizuna.web.desk_words import say
from kizuna.web.errors import ProblemError

_STRIPPED: Final = re.compile(r"[\x00-\x1f\x7f\\]")

room = Blueprint("accounts", __name__, url_prefix="/account")


def _setup(state: BlueprintSetupState) -> None:
    app: Flask = state.app  # type: ignore[assignment]
    accounts_session.install(app)
    accounts_oidc.install(app)


room.record_once(_setup)


def within(address: str) -> str:
    """An address on this server; anything else becomes the desk (no open redirect).

    Browsers, and the library that writes the header, leave out tabs and line ends, and read a backslash as a slash: `/<tab>/host` is another host.
    """
    plain = address.startswith("/") and not address.startswith("//") and not _STRIPPED.search(address)
    return address if plain else url_for("desk.desk")


@room.get("/sign-in", endpoint="sign_in")
def sign_in() -> str:
    """The form."""
    return render_template(
        "accounts/sign_in.html",
        then=request.args.get("then", ""),
        books=accounts_session.ledger() is not None,
        oidc=bool(settings().oidc_issuer),
    )


@room.post("/sign-in")
def signed_in() -> Response:
    """Check name and password."""
    try:
        account = needed_ledger().accounts.check(
            request.form.get("name", "").strip(), request.form.get("password", ""), request.remote_addr or ""
        )
    except TooManyAttemptsError as error:
        wait = max(1, round(error.retry_after))
        raise ProblemError(
            "too-many-attempts",
            say(f"{wait}秒後に試してください。", f"Try again in {wait} seconds."),
            headers={"Retry-After": str(wait)},
        ) from error
    if account is None:
        raise ProblemError(
            "sign-in-failed", say("名前かパスワードが違います。", "The name or the password is wrong.")
        )
    return begin(make_response(redirect(within(request.form.get("then", "")), 303)), account.name)


@room.post("/sign-out")
def sign_out() -> Response:
    """End the session."""
    return end(make_response(redirect(url_for("home.home"), 303)))


@room.get("/", endpoint="account")
def account() -> str:
    """One's own page: role, tokens; for administrators, everybody."""
    who = needed_actor()
    books = needed_ledger()
    everybody = books.accounts.list() if who.account.role == "admin" and who.scope is None else ()
    return render_template(
        "accounts/account.html",
        who=who,
        tokens=books.accounts.tokens(who.account.name),
        everybody=everybody,
        trail=books.audit.entries(50) if everybody else (),
        role_names=ROLE_NAMES,
        roles=ROLES,
        scopes=SCOPES,
        secret=None,
    )


@room.post("/tokens")
def new_token() -> str:
    """Make a token and show it this once."""
    who = needed_actor()
    if who.scope is not None:
        raise ProblemError(
            "not-permitted", say("トークンでトークンは作れません。", "A token makes no tokens.")
        )
    books = needed_ledger()
    scope = request.form.get("scope", "")
    try:
        _, secret = books.accounts.add_token(
            who.account.name,
            request.form.get("label", "")[:100],
            scope,  # type: ignore[arg-type]
            float(request.form.get("days", "0") or 0),
        )
    except (AccountError, ValueError) as error:
        raise ProblemError(
            "bad-form", say("範囲と日数(1~731)を選んでください。", "Choose a scope and 1 to 731 days.")
        ) from error
    return render_template(
        "accounts/account.html",
        who=who,
        tokens=books.accounts.tokens(who.account.name),
        everybody=(),
        trail=(),
        role_names=ROLE_NAMES,
        roles=ROLES,
        scopes=SCOPES,
        secret=secret,
    )


@room.post("/tokens/<int:number>/revoke")
def revoke(number: int) -> Response:
    """End one of one's own tokens."""
    who = needed_actor()
    books = needed_ledger()
    if number in {token.id for token in books.accounts.tokens(who.account.name)}:
        books.accounts.revoke_token(number, who.account.name)
    return make_response(redirect(url_for("accounts.account"), 303))


@room.post("/people")
def people() -> Response:
    """Add somebody, change a role, close or open an account (administrators)."""
    who = require("administer")
    books = needed_ledger()
    name = request.form.get("name", "").strip()
    try:
        match request.form.get("do"):
            case "add":
                books.accounts.add(
                    name,
                    request.form.get("role", "reader"),  # type: ignore[arg-type]
                    display=request.form.get("display", "")[:100],
                    password=request.form.get("password") or None,
                    by=who.account.name,
                )
            case "role":
                role = request.form.get("role", "")
                if role in ROLES:
                    books.accounts.set_role(name, role, by=who.account.name)
            case "close" if name != who.account.name:
                books.accounts.set_active(name, False, by=who.account.name)
            case "open":
                books.accounts.set_active(name, True, by=who.account.name)
    except AccountError as error:
        words = {
            "weak-password": say("パスワードは12文字以上にしてください。", str(error)),
            "name-taken": say("その名前はすでに使われています。", str(error)),
        }
        raise ProblemError(
            "bad-form", words.get(error.code, say("名前に使えるのは a-z、0-9、.、_、- です。", str(error)))
        ) from error
    except LookupError as error:
        raise ProblemError("bad-form", say("そのアカウントはありません。", str(error))) from error
    return make_response(redirect(url_for("accounts.account"), 303))

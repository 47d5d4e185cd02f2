"""Who asks: by session cookie or by token; and the guard of forms against other sites. Reads Flask's globals and the ledger.

Sessions are random secrets of which the ledger keeps a hash. The form token is a keyed digest of the secret (OWASP's
HMAC-based token pattern): another site can make a browser send the cookie, but cannot read it, so cannot make the token.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import time
from typing import cast

from flask import Flask, Response, current_app, g, redirect, request, url_for

from kizuna.changes.permissions import Action
from kizuna.changes.problems import ForbiddenError
from kizuna.changes.workflow import Actor, ChangeEngine, Changes
from kizuna.ledger.database import ledger_path
from kizuna.ledger.ledger import Ledger
from kizuna.web.current import engine, settings
from kizuna.web.desk_words import say
from kizuna.web.errors import ProblemError, wants_json

SESSION = "kizuna-session"
VISIT = "kizuna-visit"
UNSAFE = frozenset({"POST", "PUT", "PATCH", "DELETE"})
GUARDED = frozenset({"desk", "accounts"})
OPEN = frozenset({"static", "health.health", "health.live", "health.ready"})
LOOK_EVERY = 1.0


def ledger() -> Ledger | None:
    """The workspace's ledger, None while there is none (nothing is made by looking)."""
    known = current_app.extensions.get("kizuna-ledger")
    if known is None:
        path = ledger_path(settings().workspace)
        if not path.exists():
            return None
        known = current_app.extensions["kizuna-ledger"] = Ledger(path)
    return cast(Ledger, known)


def needed_ledger() -> Ledger:
    """The ledger.

    Raises:
        ProblemError: `no-ledger`.
    """
    found = ledger()
    if found is None or settings().no_gate:
        raise ProblemError("no-ledger", say("まだアカウントが一つもありません。", "There is no account yet."))
    return found


def changes() -> Changes:
    """The workflow over this application's engine and ledger.

    Raises:
        ProblemError: `no-ledger`.
    """
    known = current_app.extensions.get("kizuna-changes")
    if known is None:
        target = cast(ChangeEngine, engine())
        known = Changes(target, needed_ledger(), second_person=settings().second_person)
        current_app.extensions["kizuna-changes"] = known
    return cast(Changes, known)


def actor() -> Actor | None:
    """Who asks, None when nobody is signed in."""
    return cast("Actor | None", g.get("actor"))


def needed_actor() -> Actor:
    """Who asks.

    Raises:
        ProblemError: `sign-in-needed`.
    """
    found = actor()
    if found is None:
        raise ProblemError("sign-in-needed", say("だれもサインインしていません。", "Nobody is signed in."))
    return found


def require(action: Action) -> Actor:
    """Who asks, if they may do this.

    Raises:
        ProblemError: `sign-in-needed`, `not-permitted` (says why).
    """
    found = needed_actor()
    try:
        changes().may(found, action).require()
    except ForbiddenError as error:
        raise ProblemError("not-permitted", say(error.ja, error.en)) from error
    return found


# Cookies.


def _cookie(name: str) -> str:
    """Over HTTPS the name itself promises: secure, this host only, whole site (RFC 6265bis, section 4.1.3)."""
    return f"__Host-{name}" if request.is_secure else name


def _set(response: Response, name: str, value: str, seconds: int) -> None:
    response.set_cookie(
        _cookie(name),
        value,
        max_age=seconds,
        path="/",
        httponly=True,
        samesite="Lax",
        secure=request.is_secure,
    )


def begin(response: Response, name: str) -> Response:
    """Sign somebody in: a fresh session, whatever was there before."""
    secret = needed_ledger().accounts.open_session(name)
    _set(response, SESSION, secret, 12 * 3600)
    return response


def end(response: Response) -> Response:
    """Sign out."""
    secret = request.cookies.get(_cookie(SESSION))
    if secret:
        needed_ledger().accounts.close_session(secret)
    response.delete_cookie(
        _cookie(SESSION), path="/", secure=request.is_secure, httponly=True, samesite="Lax"
    )
    return response


def csrf() -> str:
    """The token of this browser's forms."""
    secret = request.cookies.get(_cookie(SESSION)) or visit()
    return hmac.new(b"kizuna-form", secret.encode(), hashlib.sha256).hexdigest()


def visit() -> str:
    """A random value for browsers without a session, kept in a cookie of its own."""
    if "visit" not in g:
        g.visit = request.cookies.get(_cookie(VISIT)) or ""
        if len(g.visit) < 20:
            g.visit = secrets.token_urlsafe(24)
            g.new_visit = True
    return cast(str, g.visit)


def guard() -> None:
    """Refuse forms that did not come from a page of ours.

    Raises:
        ProblemError: `bad-csrf`.
    """
    given = request.form.get("csrf", "")
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none") or not (
        hmac.compare_digest(given.encode(), csrf().encode())
    ):
        raise ProblemError("bad-csrf", say("フォームの印が合いません。", "The form's token does not fit."))


# Each request.


def identify() -> Response | None:
    """Find out who asks; catch up with what other processes have published; let strangers read only if that is allowed."""
    if settings().no_gate or request.endpoint in OPEN:
        return None
    books = ledger()
    if books is not None:
        _catch_up(books)
        g.actor = _who(books)
        if g.actor is not None:
            g.account_name = g.actor.account.name
    by_token = g.get("actor") is not None and g.actor.scope is not None
    if request.method in UNSAFE and request.blueprint in GUARDED and not by_token:
        guard()
    if g.get("actor") is None and not settings().anonymous and request.blueprint != "accounts":
        if wants_json() or request.method != "GET":
            raise ProblemError(
                "sign-in-needed", say("閲覧にもサインインが要ります。", "Reading needs signing in.")
            )
        return redirect(url_for("accounts.sign_in", then=request.full_path.rstrip("?")))  # type: ignore[return-value]
    return None


def _who(books: Ledger) -> Actor | None:
    given = request.authorization
    if given is not None and given.type == "bearer":
        found = books.accounts.of_token(given.token or "")
        if found is None:
            raise ProblemError(
                "sign-in-needed",
                say("トークンが正しくないか、期限が切れています。", "The token is wrong or has ended."),
                headers={"WWW-Authenticate": 'Bearer realm="kizuna", error="invalid_token"'},
            )
        return Actor(found[0], found[1].scope)
    secret = request.cookies.get(_cookie(SESSION))
    account = books.accounts.of_session(secret) if secret else None
    return Actor(account) if account else None


def _catch_up(books: Ledger) -> None:
    """Another process, or the command line, may have published: look at most once a second."""
    state = current_app.extensions.setdefault("kizuna-caught-up", {"at": 0.0, "revision": -1})
    now = time.monotonic()
    if now - state["at"] < LOOK_EVERY:
        return
    state["at"] = now
    newest = books.revision()
    if newest != state["revision"]:
        changes().catch_up()
        state["revision"] = newest


def private(response: Response) -> Response:
    """What was made for one person is kept by nobody else."""
    if g.get("new_visit"):
        _set(response, VISIT, g.visit, 24 * 3600)
    if g.get("actor") is not None or request.blueprint in GUARDED:
        response.headers["Cache-Control"] = (
            "private, no-store" if request.blueprint in GUARDED else "private, no-cache"
        )
        response.vary.add("Cookie")
    return response


def install(app: Flask) -> None:
    """Give an application its accounts."""
    app.before_request(identify)
    app.after_request(private)
    app.jinja_env.globals.update(say=say, csrf=csrf, actor=actor)

"""The web application: one factory, one blueprint a room, the same headers on every answer. Holds no logic of its own."""

from __future__ import annotations

import logging
from collections import OrderedDict

from flask import Flask, Response, request
from werkzeug.middleware.proxy_fix import ProxyFix

from kizuna.engine.types import Engine
from kizuna.settings import Settings
from kizuna.web import errors, filters, metrics, reading, remembered, state, translations
from kizuna.web import logging as web_logging
from kizuna.web.blueprints import BLUEPRINTS
from kizuna.web.bodies import WholeBodies
from kizuna.web.coding import WORTH_IT, Coding, coded_bytes, coding_for
from kizuna.web.current import Desk, language
from kizuna.web.formats import FormConverter, SlugConverter
from kizuna.web.lane import Lane

log = logging.getLogger(__name__)

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
"""Content-Security-Policy (W3C CSP Level 3): everything comes from this server, nothing is inline."""

HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
}
SMALLER_PACKED = {"text/html", "text/css", "text/javascript", "application/json", "text/csv", "image/svg+xml"}
FOR_GOOD = "public, max-age=31536000, immutable"


def create_app(engine: Engine, settings: Settings) -> Flask:
    """Make the WSGI application.

    Args:
        engine: whom to ask; the caller closes it.
        settings: the operator's choices.
    """
    app = Flask("kizuna.web")
    app.config["MAX_CONTENT_LENGTH"] = settings.max_request_bytes
    app.json.sort_keys = False  # type: ignore[attr-defined]
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    app.url_map.converters.update(form=FormConverter, slug=SlugConverter)
    app.extensions["kizuna"] = Desk(engine, settings)
    app.wsgi_app = WholeBodies(app.wsgi_app)  # type: ignore[method-assign]
    app.wsgi_app = Lane(app, app.wsgi_app, HEADERS)  # type: ignore[method-assign, assignment]
    if settings.proxy_hops:
        hops = settings.proxy_hops
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
            app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops, x_prefix=hops
        )
    web_logging.install(app, settings)
    metrics.install(app)
    translations.install(app, settings.language)
    errors.install(app)
    state.install(app)
    reading.install(app, settings)
    filters.install(app)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    app.after_request(finish)
    remembered.install(app)
    if not filters.manifest():
        log.warning("The front-end bundle is missing: pages will be plain. `make frontend` builds it.")
    return app


def finish(response: Response) -> Response:
    """Add the security headers, and let clients revalidate pages cheaply."""
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if request.endpoint == "static":
        response.headers["Cache-Control"] = FOR_GOOD
    elif request.method in ("GET", "HEAD") and response.status_code == 200 and not response.is_streamed:
        response.headers.setdefault("Cache-Control", "no-cache")
        response.add_etag(weak=True)  # one for all codings of the same page
        response.make_conditional(request)
    if response.mimetype == "text/html":
        response.headers["Content-Language"] = language()
    if response.mimetype in SMALLER_PACKED:
        pack(response)
    return response


def pack(response: Response) -> None:
    """Send text in fewer bytes to whoever takes it so (RFC 9110, section 8.4); what is already coded stays."""
    from_file = request.endpoint == "static"
    if response.status_code != 200 or "Content-Encoding" in response.headers:
        return
    if response.is_streamed and not from_file:
        return
    response.vary.add("Accept-Encoding")
    coding = coding_for(request.headers.get("Accept-Encoding"))
    if request.method == "HEAD" or coding is None:
        return
    response.direct_passthrough = False
    source = response.response
    body = response.get_data()
    if from_file and hasattr(source, "close"):
        source.close()  # the file, which nobody reads any more
    if len(body) < WORTH_IT:
        return
    etag, _ = response.get_etag()
    response.set_data(packed_file(etag, coding, body) if from_file and etag else coded_bytes(coding, body))
    response.headers["Content-Encoding"] = coding
    if etag:
        response.set_etag(etag, weak=True)


_files: OrderedDict[tuple[str, Coding], bytes] = OrderedDict()


def packed_file(etag: str, coding: Coding, body: bytes) -> bytes:
    """A file of the bundle, coded once."""
    found = _files.get((etag, coding))
    if found is None:
        found = _files[etag, coding] = coded_bytes(coding, body)
        while len(_files) > 64:
            _files.popitem(last=False)
    return found

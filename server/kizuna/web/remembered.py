"""Remembers finished pages of the atlas: a page is a function of its view, its address and its language.

Only what everybody sees the same is remembered: GET of an HTML page of the rooms named here, without cookie,
credentials or scenario. The key holds the view's revision token, so a new revision, or a new day, is another page. Bounded
by bytes, and to the latest few views: after a change nobody asks for the pages of the view before. Holds memory only.
"""

from __future__ import annotations

import threading
from collections import OrderedDict

from flask import Flask, Response, g, request

from kizuna.web.current import language, reader
from kizuna.web.formats import MEDIA
from kizuna.web.negotiation import choose

ROOMS = frozenset(
    (
        "home",
        "actors",
        "frameworks",
        "agreements",
        "domains",
        "activities",
        "instruments",
        "recommendations",
        "sources",
        "map",
        "matrix",
        "pair",
        "timeline",
        "calendar",
        "graph",
        "search",
        "briefing",
        "changes",
        "paths",
    )
)
"""Blueprints whose pages depend on view, address and language alone."""

MOST_BYTES = 48_000_000
MOST_VIEWS = 8
Key = tuple[str, ...]
"""The token of the page's view first, then all else that the page depends on."""


class PageMemory:
    """The latest pages by their keys, bounded by their bytes and by the number of views. Safe to use from many threads."""

    def __init__(self, most_bytes: int = MOST_BYTES, most_views: int = MOST_VIEWS) -> None:
        self._most = most_bytes
        self._most_views = most_views
        self._held = 0
        self._pages: OrderedDict[Key, bytes] = OrderedDict()
        self._views: OrderedDict[str, None] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Key) -> bytes | None:
        """The remembered page, or None."""
        with self._lock:
            page = self._pages.get(key)
            if page is not None:
                self._pages.move_to_end(key)
                self._views.move_to_end(key[0])
            return page

    @property
    def held(self) -> int:
        """Bytes of all pages held."""
        return self._held

    def put(self, key: Key, page: bytes) -> None:
        """Remember a page, forgetting the longest unused ones beyond the bound."""
        if len(page) > self._most // 16:
            return
        with self._lock:
            self._held += len(page) - len(self._pages.pop(key, b""))
            self._pages[key] = page
            self._views[key[0]] = None
            self._views.move_to_end(key[0])
            while len(self._views) > self._most_views:
                gone, _ = self._views.popitem(last=False)
                for old in [old for old in self._pages if old[0] == gone]:
                    self._held -= len(self._pages.pop(old))
            while self._held > self._most:
                _, dropped = self._pages.popitem(last=False)
                self._held -= len(dropped)


def install(app: Flask) -> None:
    """Answer remembered pages before their rooms are asked, and remember what they answer.

    To be called after all other hooks: the first of all to see an answer, before it is packed.
    """
    memory = PageMemory()

    def recall() -> Response | None:
        g.page_key = _key()
        page = memory.get(g.page_key) if g.page_key else None
        if page is None:
            return None
        g.page_key = None
        return Response(page, mimetype=MEDIA["html"], headers={"Vary": "Accept, Accept-Language"})

    def remember(response: Response) -> Response:
        key = g.get("page_key")
        if (
            key
            and response.status_code == 200
            and response.mimetype == MEDIA["html"]
            and not response.is_streamed
            and not {"Set-Cookie", "Content-Disposition"} & set(response.headers.keys())
        ):
            memory.put(key, response.get_data())
        return response

    app.before_request(recall)
    app.after_request(remember)


def _key() -> Key | None:
    """What a page depends on; None when it is not to be remembered."""
    if (
        request.method != "GET"
        or request.blueprint not in ROOMS
        or (request.endpoint or "").endswith("_data")
    ):
        return None
    if request.cookies or "Authorization" in request.headers or g.get("scenario"):
        return None
    if choose(request.headers.get("Accept", ""), list(MEDIA.values())) != MEDIA["html"]:
        return None
    return (reader().token, language(), request.host, request.script_root, request.full_path)

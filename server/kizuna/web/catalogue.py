"""Keeps the catalogues in step with the code: finds every message, adds new ones, drops unused ones.

Run as `python -m kizuna.web.catalogue`: it rewrites the .po files of this package and lists what is not translated.
A test runs the same comparison and fails on a missing or unused message.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from kizuna.settings import LANGUAGES

HERE = Path(__file__).parent
PACKAGE = HERE.parent
Methods = list[tuple[str, str]]

OWN: dict[str, tuple[str, ...]] = {
    "figures": ("map", "matrix", "pair", "timeline", "calendar"),
    "finding": ("search", "briefing", "changes", "feeds", "paths", "graph_offline"),
}
"""Rooms whose pages and templates (`x.py`, `x.html`, `_x.html`) have a catalogue of their own."""


def _pages(rooms: Iterable[str], take: bool) -> Methods:
    names = [page for room in rooms for page in OWN[room]]
    return [
        *((f"web/pages/{page}.py", "python" if take else "ignore") for page in names),
        *(
            (f"web/templates/{name}.html", "jinja2" if take else "ignore")
            for page in names
            for name in (page, f"_{page}")
        ),
    ]


VIEW_PAGES = ("why", "differences", "scenarios")
VIEW_TEMPLATES = (
    *VIEW_PAGES,
    *(f"_{name}" for name in VIEW_PAGES),
    "scenarios_compare",
    "_scenarios_meet",
    "why_start",
    "why_not",
    "why_not_start",
    "_why_classes",
    "_views_links",
)
"""Pages and templates about views themselves, which have a catalogue of their own."""
VIEW_FILES = (
    "web/certainty.py",
    "web/marks.py",
    "web/whatif.py",
    *(f"web/pages/{page}.py" for page in VIEW_PAGES),
    *(f"web/templates/{name}.html" for name in VIEW_TEMPLATES),
    "web/templates/why_picture.svg",
)

PAGE_FILES = tuple(
    f"web/{file}.py" for file in ("errors", "filters", "formats", "navigation", "state", "unknown")
)
"""Files beside the pages that speak in the words of pages."""

CATALOGUES: dict[str, Methods] = {
    "views": [(file, "python" if file.endswith(".py") else "jinja2") for file in VIEW_FILES],
    **{room: _pages([room], take=True) for room in OWN},
    "messages": [
        *((file, "ignore") for file in VIEW_FILES),
        *_pages(OWN, take=False),
        *((file, "python") for file in PAGE_FILES),
        ("web/pages/**.py", "python"),
        ("web/templates/sparql/**.html", "ignore"),
        ("web/templates/**.html", "jinja2"),
    ],
    "sparql": [
        *((file, "ignore") for file in VIEW_FILES),
        *_pages(OWN, take=False),
        *((file, "ignore") for file in PAGE_FILES),
        ("web/pages/**.py", "ignore"),
        ("web/*.py", "python"),
        ("sparql/**.py", "python"),
        ("web/templates/sparql/**.html", "jinja2"),
    ],
}
"""One catalogue a room: its name and where its messages stand (the first pattern that fits decides)."""

Message = str | tuple[str, str]


def messages_in_code(room: str) -> set[Message]:
    """All messages of a room's templates and code; a plural message is a pair."""
    found: set[Message] = set()
    for _file, _line, message, _comments, _context in extract_from_dir(
        PACKAGE,
        CATALOGUES[room],
        keywords={"_": None, "gettext": None, "lazy_gettext": None, "ngettext": (1, 2)},
    ):
        found.add((message[0], message[1]) if isinstance(message, tuple) else message)
    return found


def po_file(room: str, code: str) -> Path:
    """The file of a room's catalogue in a language."""
    return HERE / "translations" / code / f"{room}.po"


def read(room: str, code: str) -> Catalog:
    """A room's catalogue in a language as it stands in its file."""
    file = po_file(room, code)
    return read_po(BytesIO(file.read_bytes() if file.exists() else b""), locale=code)


def messages_of(catalogue: Catalog) -> set[Message]:
    """The messages that a catalogue holds."""
    return {_key(message.id) for message in catalogue if message.id}


def untranslated(catalogue: Catalog) -> list[str]:
    """The messages without a translation, sorted."""
    return sorted(str(m.id) for m in catalogue if m.id and not all(_strings(m.string)))


def update(room: str, code: str, messages: Iterable[Message]) -> list[str]:
    """Rewrite a catalogue for exactly these messages.

    Returns:
        The messages that still need a translation. English needs none: its messages are its words.
    """
    old, new = read(room, code), Catalog(locale=code, project="Kizuna", fuzzy=False)
    known = {_key(message.id): message.string for message in old if message.id}
    for message in sorted(messages, key=str):
        string = known.get(message)
        if code == "en":
            string = message
        new.add(message, string if string else "")
    out = BytesIO()
    write_po(out, new, width=110, omit_header=False, no_location=True)
    lines = [line for line in out.getvalue().splitlines(True) if b"-Date: " not in line]
    po_file(room, code).parent.mkdir(parents=True, exist_ok=True)
    po_file(room, code).write_bytes(b"".join(lines))
    return untranslated(new)


def _key(message_id: object) -> Message:
    return (message_id[0], message_id[1]) if isinstance(message_id, (tuple, list)) else str(message_id)


def _strings(string: object) -> list[str]:
    return [str(s) for s in string] if isinstance(string, (tuple, list)) else [str(string or "")]


def main() -> int:
    """Update every catalogue; exit status 1 when a translation is missing."""
    missing = 0
    for room in CATALOGUES:
        messages = messages_in_code(room)
        for code in LANGUAGES:
            for message in update(room, code, messages):
                missing += 1
                sys.stdout.write(f"{room} {code}: not translated: {message}\n")
    sys.stdout.write(f"{missing} to translate\n")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())

"""Atom feeds (RFC 4287) of what changed. Pure: text from data, made by an XML writer that escapes everything.

Identifiers never change: the IRI of the event, or of the place in a framework with the end it is about. What a feed says is a
function of its view: the newest change gives its date, not a clock.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from xml.etree import ElementTree  # only to write

ATOM = "http://www.w3.org/2005/Atom"
XML = "http://www.w3.org/XML/1998/namespace"
_ILLEGAL = dict.fromkeys((*range(0, 9), 11, 12, *range(14, 32), 65534, 65535), " ")
"""Characters that XML 1.0 does not allow (section 2.2)."""


@dataclass(frozen=True, slots=True)
class FeedEntry:
    """One entry. `updated` is a day; Atom wants an instant, so it becomes its first one in UTC."""

    id: str
    title: str
    updated: date
    address: str
    summary: str
    category: str


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed with its own address and that of the page that says the same. All addresses are absolute."""

    id: str
    title: str
    subtitle: str
    language: str
    address: str
    page: str
    rights: str
    updated: date
    entries: Sequence[FeedEntry]


def write_atom(feed: Feed) -> bytes:
    """The feed as an Atom document in UTF-8."""
    ElementTree.register_namespace("", ATOM)
    root = ElementTree.Element(f"{{{ATOM}}}feed", {f"{{{XML}}}lang": feed.language})
    _put(root, "id", feed.id)
    _put(root, "title", feed.title)
    _put(root, "subtitle", feed.subtitle)
    _put(root, "updated", _instant(max((e.updated for e in feed.entries), default=feed.updated)))
    _put(root, "link", None, rel="self", type="application/atom+xml", href=feed.address)
    _put(root, "link", None, rel="alternate", type="text/html", href=feed.page)
    _put(_put(root, "author"), "name", "Kizuna")
    _put(root, "rights", feed.rights)
    _put(root, "generator", "Kizuna", uri="https://w3id.org/kizuna/")
    for entry in feed.entries:
        node = _put(root, "entry")
        _put(node, "id", entry.id)
        _put(node, "title", entry.title)
        _put(node, "updated", _instant(entry.updated))
        _put(node, "published", _instant(entry.updated))
        _put(node, "link", None, rel="alternate", type="text/html", href=entry.address)
        _put(node, "category", None, term=entry.category)
        _put(node, "summary", entry.summary)
    ElementTree.indent(root)
    text: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return text + b"\n"


def _put(
    parent: ElementTree.Element, tag: str, text: str | None = None, **attributes: str
) -> ElementTree.Element:
    clean = {key: value.translate(_ILLEGAL) for key, value in attributes.items()}
    node = ElementTree.SubElement(parent, f"{{{ATOM}}}{tag}", clean)
    node.text = text.translate(_ILLEGAL) if text is not None else None
    return node


def _instant(day: date) -> str:
    return f"{day.isoformat()}T00:00:00Z"

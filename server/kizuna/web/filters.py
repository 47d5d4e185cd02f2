"""What templates call: names in the right language, addresses, chips, the query behind. No logic beyond that."""

from __future__ import annotations

import json
from functools import cache, partial
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from flask import Flask, current_app, request, url_for
from flask_babel import gettext
from markupsafe import Markup, escape

from kizuna.atlas.behind import title_of, with_values
from kizuna.atlas.reader import Asked, query_text
from kizuna.atlas.terms import Name, local_name, short, term
from kizuna.atlas.vocabulary import concept_iri
from kizuna.web import current, fragments, links, navigation, state

SIGNS = {
    "in-force": "●",
    "provisional": "◐",
    "adopted": "■",
    "signed": "○",
    "negotiating": "◇",
    "suspended": "‖",
    "ended": "×",
    "agreed": "◔",
    "under-way": "▶",
    "completed": "✓",
    "concluded": "◆",
    "unrecorded": "·",
    "proposed": "△",
    "none": "–",
    "not-researched": "?",
}
"""A shape for each status, so that colour is never the only sign."""


BACKWARDS = ("replacedBy", "amendedBy", "implementedBy", "concernedBy", "succeededBy", "hasPart")
"""Relations that are read from their other end."""


def install(app: Flask) -> None:
    """Make the filters and functions known to the templates."""
    app.jinja_env.filters.update(label=label, short=short, local=local_name, sign=sign, called=called)
    app.jinja_env.globals.update(
        page_of=links.page_of,
        path_of=links.path_of,
        this_page=state.this_page,
        other_parameters=state.other_parameters,
        status_name=status_name,
        property_name=property_name,
        relation_name=relation_name,
        behind=behind,
        asset=asset,
        link=link,
        data_forms=data_forms,
        revision=revision,
        has=has,
        navigation_groups=navigation.groups,
        navigation_first=navigation.first,
        once=fragments.once,
        once_a_view=fragments.once_a_view,
    )
    app.context_processor(everywhere)


def everywhere() -> dict[str, Any]:
    """What the frame of every page needs; safe to call when the engine is away."""
    return {
        "language": current.language(),
        "as_of": _as_of(),
        "kept": current.speaker().kept,
    }


def data_forms() -> list[tuple[str, str]]:
    """The other forms of this page: (name, address)."""
    endpoint = f"{request.endpoint}_data"
    if endpoint not in current_app.view_functions or request.endpoint == "identifiers.ontology":
        return []
    values = state.page_parameters("form")
    return [(form, url_for(endpoint, form=form, **values)) for form in ("json", "csv", "ttl")]


def has(endpoint: str) -> bool:
    """True when the application has this endpoint."""
    return endpoint in current_app.view_functions


def revision() -> str:
    """The engine's token of this view."""
    return current.reader().token


def _as_of() -> str | None:
    try:
        return current.as_of().isoformat()
    except Exception:  # the frame must stand on the error page of a dead engine as well
        return None


def label(name: Name | None) -> str:
    """The label in the page's language."""
    return "" if name is None else name.label(current.language())


def called(name: Name | None) -> Markup:
    """The label as markup, with its `lang` where it is not in the page's language."""
    if name is None:
        return Markup("")
    wanted = current.language()
    language = name.language(wanted)
    text = escape(name.label(wanted))
    if language in (None, wanted):
        return text
    return Markup('<span lang="{}" class="other-language">{}</span>').format(language, text)


def link(name: Name | None) -> Markup:
    """The label as a link to the thing's page."""
    if name is None:
        return Markup("")
    return fragments.remembered("link", name, partial(_link, name))


def _link(name: Name) -> Markup:
    address, text = links.page_of(name.iri), called(name)
    return Markup(f'<a href="{escape(address)}">{text}</a>') if address else text  # noqa: S704 (both are escaped)


def sign(status: str) -> str:
    """The shape that stands for a status."""
    return SIGNS.get(status, "·")


def status_name(slug: str) -> Name:
    """The names of a status by its slug."""
    return current.words().concept(concept_iri("status", slug)) or Name(slug)


def property_name(iri: str) -> Name:
    """The names of a property, from the ontology."""
    return current.words().properties.get(iri, Name(iri))


def relation_name(slug: str) -> str:
    """The words for a relation: a property of the ontology, or one of them read backwards."""
    return _backwards()[slug] if slug in BACKWARDS else label(property_name(term(slug)))


def _backwards() -> dict[str, str]:
    return {
        "replacedBy": gettext("replaced by"),
        "amendedBy": gettext("amended by"),
        "implementedBy": gettext("implemented by"),
        "concernedBy": gettext("negotiated in"),
        "succeededBy": gettext("succeeded by"),
        "hasPart": gettext("has part"),
    }


def behind() -> list[tuple[str, str, str, str]]:
    """The queries this page was made of: (name, title, text with values, address in the editor)."""
    return [
        fragments.remembered("behind", asked, partial(_behind, asked))
        for asked in current.reader().asked.values()
    ]


def _behind(asked: Asked) -> tuple[str, str, str, str]:
    text = with_values(query_text(asked.name), asked.values)
    editor = f"{current.speaker().root}/sparql?{_query_string(text)}"
    text_file = query_text(asked.name)
    title = title_of(text_file, current.language()) or title_of(text_file) or asked.name
    return asked.name, title, text, editor


def _query_string(text: str) -> str:
    return urlencode({"query": text, **current.speaker().kept})


BUILD = Path(__file__).parent / "static" / "build"


@cache
def manifest() -> dict[str, str]:
    """The bundle's files by their plain names; empty when the bundle has not been built."""
    file = BUILD / "manifest.json"
    return dict(json.loads(file.read_text("utf-8"))) if file.exists() else {}


def bundled(name: str) -> str:
    """The text of a bundled file; empty when the bundle has not been built."""
    file = manifest().get(name)
    return (BUILD / file).read_text("utf-8") if file else ""


def asset(name: str) -> str | None:
    """The address of a bundled file, or None when the bundle has not been built."""
    file = manifest().get(name)
    return url_for("static", filename=f"build/{file}") if file else None

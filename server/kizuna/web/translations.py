"""Catalogues of the interface, read from their .po files at start. Reads files of this package only.

The messages are written in English in templates and code. No compiled catalogue exists: each .po file is
turned into a gettext catalogue in memory, which takes a few milliseconds.
"""

from __future__ import annotations

from functools import cache
from importlib import resources
from io import BytesIO

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations
from flask import Flask
from flask_babel import Babel, Domain, get_locale

from kizuna.settings import LANGUAGES
from kizuna.web import rendering
from kizuna.web.current import language


@cache
def catalogue(code: str) -> Translations:
    """The catalogue of a language: the .po files of all rooms together.

    Raises:
        FileNotFoundError: there is no catalogue of this language.
    """
    whole = Catalog(locale=code, fuzzy=False)
    folder = resources.files("kizuna.web") / "translations" / code
    for file in sorted(folder.iterdir(), key=lambda f: f.name):
        if file.name.endswith(".po"):
            for message in read_po(BytesIO(file.read_bytes()), locale=code):
                if message.id:
                    whole.add(message.id, message.string)
    compiled = BytesIO()
    write_mo(compiled, whole)
    compiled.seek(0)
    return Translations(compiled)


class PoDomain(Domain):  # type: ignore[misc]
    """A message domain that needs no .mo file."""

    def get_translations(self) -> NullTranslations:
        """The catalogue of the request's language."""
        locale = get_locale()
        return catalogue(str(locale)) if locale and str(locale) in LANGUAGES else NullTranslations()


def install(app: Flask, default: str) -> None:
    """Give the application its catalogues."""
    for code in LANGUAGES:
        catalogue(code)
    babel = Babel(app, default_locale=default, locale_selector=language)
    babel.domain_instance = PoDomain()
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]
        gettext=lambda message: catalogue(language()).ugettext(message),
        ngettext=lambda one, many, number: catalogue(language()).ungettext(one, many, number),
        newstyle=True,
    )
    rendering.install(app, lambda code, message: str(catalogue(code).ugettext(message)))

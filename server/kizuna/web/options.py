"""The options of a filter's selects, written once for a view: a filter may offer hundreds. Reads the request's view."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from markupsafe import Markup, escape

from kizuna.atlas.terms import Name

_ONE: Final = '<option value="{}">{}</option>'
_CHOSEN: Final = '<option value="{}" selected>'


@dataclass(frozen=True, slots=True)
class Options:
    """The options of one select, none of them chosen."""

    markup: str

    def choosing(self, value: str) -> Markup:
        """The options with the one of this value chosen; without, where there is none."""
        if not value:
            return Markup(self.markup)  # noqa: S704 (escaped when it was written)
        plain = _ONE.partition(">")[0].format(escape(value)) + ">"
        return Markup(self.markup.replace(plain, _CHOSEN.format(escape(value))))  # noqa: S704 (the same)


def write_options(names: Iterable[Name], value_of: Callable[[str], str], language: str) -> Options:
    """Write the options of some things, in the language's own order of labels.

    Args:
        value_of: the value of an option, by the IRI of its thing.
    """
    ordered = sorted(names, key=lambda n: n.label(language))
    return Options("".join(_ONE.format(escape(value_of(n.iri)), escape(n.label(language))) for n in ordered))

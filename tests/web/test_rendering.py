"""Templates call functions and say messages quickly, and what comes out is what Jinja's own way gives."""

from __future__ import annotations

import pytest
from flask import Flask
from jinja2.runtime import Context

from kizuna.atlas.terms import Name
from kizuna.settings import Settings
from kizuna.web.app import create_app
from kizuna.web.options import write_options
from kizuna.web.state import read_state
from kizuna.web.translations import catalogue
from tests.support.world import WatchedEngine

MESSAGES = (
    '{{ say_it("status not known") }}',
    '{{ say_it("State as of %(day)s", day=value) }}',
    '{{ say_it("no message of any catalogue, 100%%") }}',
    '{{ say_it("%(one)s and %(two)d", one=value, two=2) }}',
    '{% macro m(x, caller=None) %}<i>{{ x }}</i>{{ caller() if caller }}{% endmacro %}{{ m(value) }}{% call m("a") %}b{% endcall %}',
    "{% for x in (1, 2) %}{{ plain(x) }}{% endfor %}",
)


@pytest.fixture
def app(engine: WatchedEngine) -> Flask:
    return create_app(engine, Settings())


@pytest.mark.parametrize("escaped", ["true", "false"])
@pytest.mark.parametrize("message", MESSAGES)
def test_it_says_what_jinja_says(app: Flask, message: str, escaped: str) -> None:
    quick = app.jinja_env
    slow = quick.overlay()
    slow.context_class = Context
    text = f"{{% autoescape {escaped} %}}{message}{{% endautoescape %}}"
    given = {"value": '<b>"&', "plain": lambda x: f"<{x}>"}
    for code in ("ja", "en"):
        with app.test_request_context(f"/?lang={code}"):
            read_state()
            said = quick.from_string(text).render(given, say_it=quick.globals["_"])
            expected = slow.from_string(text).render(given, say_it=quick.globals["gettext"])
        assert said == expected


def test_a_message_is_said_in_the_language_of_each_request(app: Flask) -> None:
    template = app.jinja_env.from_string('{{ _("status not known") }}')
    for code in ("ja", "en", "ja"):
        with app.test_request_context(f"/?lang={code}"):
            read_state()
            assert template.render() == catalogue(code).ugettext("status not known")


def test_the_options_of_a_filter_hold_the_chosen_one_and_escape_all() -> None:
    names = (Name("x/b", "い", "<B>"), Name("x/a", "あ", "A"), Name('x/"', "う", "Z"))
    options = write_options(names, lambda iri: iri.removeprefix("x/"), "en")
    assert options.choosing("") == (
        '<option value="b">&lt;B&gt;</option><option value="a">A</option><option value="&#34;">Z</option>'
    )
    assert options.choosing("a").count(" selected") == 1
    assert '<option value="a" selected>A' in options.choosing("a")
    assert '<option value="&#34;" selected>Z' in options.choosing('"')
    assert options.choosing('"><script>') == options.choosing("")

"""Both catalogues are complete: no message is missing, none is left over."""

from __future__ import annotations

import re

import pytest

from kizuna.settings import LANGUAGES
from kizuna.web import catalogue
from kizuna.web.translations import catalogue as compiled

PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]")


@pytest.mark.parametrize("room", catalogue.CATALOGUES)
@pytest.mark.parametrize("code", LANGUAGES)
def test_catalogue_holds_exactly_the_messages_of_the_code(room: str, code: str) -> None:
    wanted, held = catalogue.messages_in_code(room), catalogue.messages_of(catalogue.read(room, code))
    assert wanted - held == set(), "missing: run python -m kizuna.web.catalogue"
    assert held - wanted == set(), "unused: run python -m kizuna.web.catalogue"


@pytest.mark.parametrize("room", catalogue.CATALOGUES)
@pytest.mark.parametrize("code", LANGUAGES)
def test_every_message_is_translated(room: str, code: str) -> None:
    assert catalogue.untranslated(catalogue.read(room, code)) == []


@pytest.mark.parametrize("room", catalogue.CATALOGUES)
def test_translations_use_the_same_placeholders(room: str) -> None:
    for message in catalogue.read(room, "ja"):
        source = message.id[1] if isinstance(message.id, (tuple, list)) else message.id
        string = message.string[0] if isinstance(message.string, (tuple, list)) else message.string
        if message.id:
            assert set(PLACEHOLDER.findall(source)) == set(PLACEHOLDER.findall(string)), message.id


def test_a_message_means_the_same_in_every_catalogue() -> None:
    """All catalogues become one: of two translations of a message only one would ever be read."""
    said: dict[object, set[object]] = {}
    for room in catalogue.CATALOGUES:
        for message in catalogue.read(room, "ja"):
            if message.id:
                said.setdefault(str(message.id), set()).add(str(message.string))
    assert {message for message, strings in said.items() if len(strings) > 1} == set()


def test_catalogues_need_no_compiled_file() -> None:
    assert compiled("ja").ugettext("Agreements") == "協定・文書"
    assert compiled("en").ugettext("Agreements") == "Agreements"

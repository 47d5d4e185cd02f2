"""Names, days, words and the timeline strip: the small values that all pages are made of."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode

from kizuna.atlas.evidence import evidence_of
from kizuna.atlas.lines import EventLine
from kizuna.atlas.strip import LANES, WIDTH, label_width, lay_out
from kizuna.atlas.terms import Day, Name, day, kind_and_slug, local_name, short
from kizuna.atlas.vocabulary import Vocabulary

EK = "https://w3id.org/kizuna/id/event-kind/"


def test_a_name_says_which_language_it_really_is_in() -> None:
    nauru = Name("https://w3id.org/kizuna/id/state/NRU", None, "Nauru")
    assert (nauru.label("ja"), nauru.language("ja")) == ("Nauru", "en")
    nameless = Name("https://w3id.org/kizuna/id/state/NRU")
    assert (nameless.label("ja"), nameless.language("ja")) == ("NRU", None)


@pytest.mark.parametrize(
    ("precision", "text"), [("day", "2016-04-01"), ("month", "2016-04"), ("year", "2016")]
)
def test_a_day_shows_only_what_is_known(precision: str, text: str) -> None:
    assert Day(date(2016, 4, 1), precision).text == text


def test_a_day_is_read_with_its_precision() -> None:
    row = {
        "date": Literal("2016-04-01", datatype=NamedNode("http://www.w3.org/2001/XMLSchema#date")),
        "datePrecision": NamedNode("https://w3id.org/kizuna/id/precision/month"),
    }
    assert day(row, "date") == Day(date(2016, 4, 1), "month")
    assert day({}, "date") is None


def test_parts_of_iris() -> None:
    assert kind_and_slug("https://w3id.org/kizuna/id/state/JPN") == ("state", "JPN")
    assert kind_and_slug("https://w3id.org/kizuna/id/state") is None
    assert kind_and_slug("https://example.org/id/state/JPN") is None
    assert short("https://w3id.org/kizuna/ns#State") == "ns#State"
    assert local_name("https://w3id.org/kizuna/ns#State") == "State"


def test_only_web_addresses_become_links() -> None:
    row = {"source": NamedNode("urn:s"), "address": NamedNode("javascript:alert(1)")}
    assert evidence_of(row).evidence[0].address is None


def test_the_most_special_class_wins() -> None:
    ns = "https://w3id.org/kizuna/ns#"
    parents = {ns + "B": frozenset({ns + "A"}), ns + "C": frozenset({ns + "B", ns + "A"})}
    words = Vocabulary({}, parents, {}, {})
    assert words.most_special([ns + "A", ns + "C", ns + "B"]) == ns + "C"
    assert words.most_special(["http://www.w3.org/2002/07/owl#Thing", ns + "A"]) == ns + "A"
    assert words.most_special([]) is None
    assert words.most_special(iter(["urn:b", "urn:a"])) == "urn:a"


def event(number: int, when: date, kind: str = "signed", label: str = "協定") -> EventLine:
    return EventLine(
        f"urn:e{number}", Name(EK + kind, "署名", "signed"), Day(when), Name(f"urn:t{number}", label), None
    )


@given(st.lists(st.integers(min_value=0, max_value=40_000), max_size=60), st.sampled_from(["ja", "en"]))
def test_marks_stay_on_the_strip_and_labels_do_not_cover_each_other(
    offsets: list[int], language: str
) -> None:
    start = date(1900, 1, 1)
    events = [event(i, start + timedelta(days=o)) for i, o in enumerate(sorted(offsets))]
    strip = lay_out(events, date(2026, 11, 24), language, {})
    if strip is None:
        assert not events
        return
    spans: dict[int, list[tuple[float, float]]] = {}
    for mark in strip.marks:
        assert 0 <= mark.x <= WIDTH
        if mark.lane is not None:
            assert 1 <= abs(mark.lane) <= LANES
            width = label_width(mark.label.label(language))
            left = mark.x - width if mark.anchor == "end" else mark.x
            assert all(left + width <= a or left >= b for a, b in spans.get(mark.lane, []))
            spans.setdefault(mark.lane, []).append((left, left + width))
            assert 0 < strip.label_y(mark) < strip.height


def test_an_event_recorded_for_several_parties_is_drawn_once() -> None:
    first = event(1, date(1954, 6, 11), "in-force")
    strip = lay_out([first, replace(first, event="urn:e2")], date(2026, 1, 1), "en", {})
    assert strip is not None
    assert [m.event.event for m in strip.marks] == ["urn:e1"]


def test_the_strip_shows_what_changes_a_standing_only() -> None:
    events = [event(1, date(2020, 1, 1), "announced"), event(2, date(2021, 1, 1), "in-force")]
    strip = lay_out(events, date(2026, 1, 1), "en", {})
    assert strip is not None
    assert [m.shape for m in strip.marks] == ["in-force"]
    assert lay_out(events[:1], date(2026, 1, 1), "en", {}) is None

"""Search finds what is meant: by any name, however it is written, the better fit first."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kizuna.atlas.reader import AnswerMemory, Reader
from kizuna.atlas.search import Catalogue, catalogue_of, initials, search, suggest
from kizuna.atlas.search_index import Entry, NameIndex
from kizuna.atlas.search_text import distance, even, tokens
from kizuna.atlas.terms import local_name
from kizuna.atlas.vocabulary import read_vocabulary
from tests.support.world import WatchedEngine

ID = "https://w3id.org/kizuna/id/"
JPN = ID + "state/JPN"


def found(engine: WatchedEngine, query: str) -> list[str]:
    reader = Reader(engine, engine.today(), AnswerMemory())
    return [local_name(r.thing.iri) for r in suggest(reader, read_vocabulary(reader), JPN, query)]


@pytest.mark.parametrize(
    "same",
    [
        ("クアッド", "ｸｱｯﾄﾞ", "くあっど"),
        ("Türkiye", "TURKIYE", "türkiye"),
        ("ACSA", "ＡＣＳＡ", "acsa"),
        ("トーキョー", "とうきょう", "トウキョウ"),
        ("オーストラリア", "おうすとらりあ"),
        ("ヴェトナム", "ベトナム"),
        ("İstanbul", "istanbul"),
        ("Côte d’Ivoire", "cote d'ivoire"),
        ("日・フィリピン", "日フィリピン"),
    ],
)
def test_spellings_that_mean_the_same_have_one_key(same: tuple[str, ...]) -> None:
    assert len({even(text) for text in same}) == 1


def test_voiced_kana_stay_apart_from_plain_ones() -> None:
    assert even("がぎ") != even("かき")


@given(st.text(max_size=80))
@settings(max_examples=200, deadline=None)
def test_a_key_is_its_own_key_and_any_text_has_one(text: str) -> None:
    key = even(text)
    assert tokens(key) == tuple(t for t in tokens(key) if t)
    assert "  " not in key


@given(st.text("abc", max_size=8), st.text("abc", max_size=8))
def test_the_distance_is_the_same_both_ways(a: str, b: str) -> None:
    assert distance(a, b, 8) == distance(b, a, 8)
    assert (distance(a, b, 8) == 0) == (a == b)


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("フィリピン", "PHL"),
        ("ふぃりぴん", "PHL"),
        ("ﾌｨﾘﾋﾟﾝ", "PHL"),
        ("Phillipines", "PHL"),
        ("Filipines", "PHL"),
        ("philip", "PHL"),
        ("PHL", "PHL"),
        ("Vietnam", "VNM"),
        ("Viet Nam", "VNM"),
        ("ｸｱｯﾄﾞ", "quad"),
        ("Quad", "quad"),
        ("ACSA", "jp-ph-acsa"),
        ("CPTPP", "cptpp"),
        ("豪州", "AUS"),
    ],
)
def test_a_name_in_use_finds_its_thing_first(engine: WatchedEngine, query: str, first: str) -> None:
    assert found(engine, query)[0] == first


def test_actors_named_in_one_word_find_what_is_between_them(engine: WatchedEngine) -> None:
    assert {"jp-au-raa", "jp-au-isa"} <= set(found(engine, "日本豪"))
    assert found(engine, "Philippines access")[0] == "jp-ph-raa"


def test_a_kind_is_found_by_its_initials_too(engine: WatchedEngine) -> None:
    """Diplomats say RAA and ISA; nobody writes it into the name of each agreement."""
    assert initials("reciprocal access agreement") == "RAA"
    assert initials("acquisition and cross-servicing agreement") == "ACSA"
    assert initials("tax treaty") == ""
    assert {"jp-ph-raa", "jp-au-raa"} <= set(found(engine, "RAA"))


def test_a_better_tier_is_never_overtaken(engine: WatchedEngine) -> None:
    """Exact before beginning before words before near, whatever a thing weighs."""
    reader = Reader(engine, engine.today(), AnswerMemory())
    words = read_vocabulary(reader)
    for query in ("Japan", "日", "a", "Association", "Phillipines", "協定"):
        tiers = [
            ("exact", "prefix", "words", "near").index(r.fit) for r in suggest(reader, words, JPN, query)
        ]
        assert tiers == sorted(tiers), query


def test_nothing_is_found_by_nothing(engine: WatchedEngine) -> None:
    for query in ("", "   ", "・・", "zzzzqqq", "\u0000", "🙂"):
        assert found(engine, query) == []


def test_a_hostile_query_is_answered(engine: WatchedEngine) -> None:
    for query in ("a " * 400, "<script>alert(1)</script>", "あ" * 5000, "' OR 1=1 --", "‮abc"):
        found(engine, query)


def test_the_index_is_made_once_for_a_view(engine: WatchedEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[Catalogue] = []

    def counting(*given: object) -> Catalogue:
        made.append(catalogue_of(*given))  # type: ignore[arg-type]
        return made[-1]

    monkeypatch.setattr("kizuna.atlas.search.catalogue_of", counting)
    memory = AnswerMemory()
    for _ in range(3):
        reader = Reader(engine, engine.today(), memory)
        search(reader, read_vocabulary(reader), JPN, "quad")
    assert len(made) == 1


def test_what_binds_few_comes_before_what_binds_many() -> None:
    """Among what one named actor takes part in, the closer circle is first, whatever their numbers in the index."""
    actor, wide, close = 0, 1, 2
    ties = [frozenset[int](), frozenset({actor, 3, 4, 5, 6}), frozenset({actor, 3})]
    index = NameIndex([Entry(actor, "Australia", "australia", 1.0)], [1.0] * 3, ties, frozenset({actor}))
    assert [hit.thing for hit in index.find("Australia")] == [actor, close, wide]

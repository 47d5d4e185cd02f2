"""The same questions have the same answers, whichever engine stands behind the protocol."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, parse

from kizuna.engine import formats, remote_client, remote_told
from kizuna.engine.embedded import EmbeddedEngine, start_embedded
from kizuna.engine.remote import RemoteEngine
from kizuna.engine.remote_client import Store
from kizuna.engine.remote_publish import MARKER, MARKER_GRAPH, read_marker
from kizuna.engine.types import (
    Engine,
    EngineUnavailableError,
    Limits,
    QueryCancelledError,
    QueryRefusedError,
    QuerySyntaxError,
    QueryTimeoutError,
    Question,
    UnsupportedFormatError,
    View,
)
from kizuna.workspace.names import NS
from tests.engine.conftest import config
from tests.engine.doubles import EX, STATED, THINGS
from tests.engine.stores import free_port, kinds, running
from tests.support.waiting import PATIENCE, PROMPT, wait_until

NUMBERS = f"SELECT ?thing ?n WHERE {{ ?thing <{EX}number> ?n }}"
LABEL = f"SELECT ?label WHERE {{ ?thing <{EX}label> ?label }}"
HEAVY = "SELECT (COUNT(*) AS ?n) WHERE { ?a ?p ?b . ?c ?q ?d . ?e ?r ?f FILTER(STR(?b) < STR(?f)) }"


@pytest.fixture(scope="module", params=kinds())
def store(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with running(request.param, tmp_path_factory.mktemp("store")) as started:
        yield started


@pytest.fixture(scope="module")
def remote(store: Store, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RemoteEngine]:
    inner = start_embedded(config(tmp_path_factory.mktemp("workspace")))
    with RemoteEngine(inner, store, writes=True) as started:
        inner.select(inner.today(), LABEL + " LIMIT 1")
        assert started.publish()
        yield started


@pytest.fixture(params=["embedded", "remote"])
def asked(request: pytest.FixtureRequest, remote: RemoteEngine) -> Engine:
    """The engine under the contract."""
    return remote if request.param == "remote" else remote.inner


def question(text: str, media_type: str = formats.JSON, **more: object) -> Question:
    return replace(Question(text, media_type, limits=Limits(seconds=PATIENCE)), **more)  # type: ignore[arg-type]


# The contract.


def test_what_is_asked_of_today_is_answered_by_the_store(remote: RemoteEngine) -> None:
    assert remote._holds(remote.today()) is not None


def test_select_gives_terms(asked: Engine) -> None:
    rows = asked.select(asked.today(), LABEL, {"thing": NamedNode(EX + "thing/7")})
    assert rows == [{"label": Literal("もの 7", language="ja")}]


def test_bound_values_are_terms_and_not_text(asked: Engine) -> None:
    rows = asked.select(
        asked.today(), f"SELECT ?thing WHERE {{ ?thing <{EX}label> ?label }}", {"label": Literal('" } #')}
    )
    assert rows == []
    with pytest.raises(QueryRefusedError):
        asked.select(asked.today(), LABEL, {"thing": BlankNode("a")})


def test_an_unbound_variable_has_no_key(asked: Engine) -> None:
    assert asked.select(asked.today(), "SELECT ?a ?b WHERE { VALUES (?a ?b) { (1 UNDEF) } }") == [
        {"a": Literal(1)}
    ]


def test_ask(asked: Engine) -> None:
    assert asked.ask(asked.today(), f"ASK {{ <{EX}thing/1> ?p ?o }}")
    assert not asked.ask(asked.today(), f"ASK {{ <{EX}thing/none> ?p ?o }}")


def test_a_form_that_is_not_the_one_expected_is_refused(asked: Engine) -> None:
    with pytest.raises(QueryRefusedError):
        asked.select(asked.today(), "ASK {}")
    with pytest.raises(QueryRefusedError):
        asked.ask(asked.today(), NUMBERS + " LIMIT 1")


def test_the_default_graph_is_the_union_of_the_views_graphs(asked: Engine) -> None:
    rows = asked.select(
        asked.today(), "SELECT ?g (COUNT(*) AS ?n) WHERE { GRAPH ?g { ?s ?p ?o } } GROUP BY ?g"
    )
    assert {row["g"]: int(row["n"].value) for row in rows} == {  # type: ignore[union-attr]
        STATED: 4 * THINGS,
        NamedNode(EX + "graph/derived"): 1,
    }
    (row,) = asked.select(asked.today(), "SELECT (COUNT(*) AS ?n) WHERE { ?s ?p ?o }")
    assert row["n"] == Literal(4 * THINGS + 1)


def test_a_dataset_of_the_protocol_narrows(asked: Engine) -> None:
    answer = asked.query(
        asked.today(),
        question("SELECT (COUNT(*) AS ?n) WHERE { ?s ?p ?o }", default_graphs=[EX + "graph/derived"]),
    )
    assert json.loads(answer.body)["results"]["bindings"][0]["n"]["value"] == "1"


def test_a_dataset_of_the_text_narrows(asked: Engine) -> None:
    text = f"SELECT (COUNT(*) AS ?n) FROM <{EX}graph/derived> WHERE {{ ?s ?p ?o }}"  # noqa: S608
    assert asked.select(asked.today(), text) == [{"n": Literal(1)}]


@pytest.mark.parametrize("media_type", sorted(formats.RESULT_FORMATS))
def test_solutions_come_in_every_format(asked: Engine, media_type: str) -> None:
    answer = asked.query(asked.today(), question(NUMBERS + " ORDER BY ?n LIMIT 3", media_type))
    assert (answer.kind, answer.media_type, answer.rows) == ("solutions", media_type, 3)
    assert not answer.truncated
    assert b"thing/2" in answer.body


@pytest.mark.parametrize("media_type", sorted(formats.GRAPH_FORMATS))
def test_graphs_come_in_every_format(asked: Engine, media_type: str) -> None:
    text = f"CONSTRUCT {{ ?thing <{EX}n> ?n }} WHERE {{ ?thing <{EX}number> ?n FILTER(?n < 3) }}"
    answer = asked.query(asked.today(), question(text, media_type))
    assert (answer.kind, answer.media_type, answer.rows) == ("graph", media_type, 3)
    assert len(set(parse(answer.body, format=formats.GRAPH_FORMATS[media_type]))) == 3


def test_describe_gives_a_graph(asked: Engine) -> None:
    answer = asked.query(asked.today(), question(f"DESCRIBE <{EX}thing/1>", formats.N_TRIPLES))
    found = {str(quad.predicate) for quad in parse(answer.body, format=RdfFormat.N_TRIPLES)}
    assert f"<{EX}number>" in found


def test_a_bound_that_cuts_is_said(asked: Engine) -> None:
    answer = asked.query(asked.today(), question(NUMBERS, limits=Limits(seconds=PATIENCE, rows=5)))
    assert (answer.rows, answer.truncated) == (5, True)
    assert len(json.loads(answer.body)["results"]["bindings"]) == 5
    small = asked.query(
        asked.today(), question(NUMBERS, limits=Limits(seconds=PATIENCE, result_bytes=100_000))
    )
    assert small.truncated
    assert len(small.body) <= 100_000


def test_a_stream_is_the_same_answer(asked: EmbeddedEngine) -> None:
    with asked.query_stream(asked.today(), question(NUMBERS)) as stream:
        body = b"".join(stream)
    assert stream.end is not None
    assert stream.end.rows == THINGS
    assert len(json.loads(body)["results"]["bindings"]) == THINGS


def test_a_format_that_does_not_fit_is_said(asked: Engine) -> None:
    with pytest.raises(UnsupportedFormatError):
        asked.query(asked.today(), question("ASK {}", formats.TURTLE))


def test_a_syntax_error_says_the_line(asked: Engine) -> None:
    with pytest.raises(QuerySyntaxError) as caught:
        asked.query(asked.today(), question("SELECT ?a\nWHERE { ?a ?b }"))
    assert caught.value.line == 2


@pytest.mark.parametrize(
    "text",
    [
        "INSERT DATA { <a:b> <a:b> <a:b> }",
        "SELECT * WHERE { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }",
        r"SELECT * WHERE { \u0053ERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }",
    ],
)
def test_updates_and_outgoing_requests_are_refused(asked: Engine, text: str) -> None:
    with pytest.raises((QueryRefusedError, QuerySyntaxError)):
        asked.query(asked.today(), question(text))


def test_the_time_limit_holds(asked: Engine) -> None:
    began = time.monotonic()
    with pytest.raises(QueryTimeoutError):
        asked.query(asked.today(), question(HEAVY, limits=Limits(seconds=0.5)))
    assert time.monotonic() - began < PROMPT


def test_a_running_query_is_listed_and_its_owner_can_cancel_it(asked: Engine) -> None:
    caught: list[BaseException] = []

    def ask() -> None:
        try:
            asked.query(
                asked.today(),
                question(HEAVY, query_id="to-cancel", owner="me", limits=Limits(seconds=2 * PATIENCE)),
            )
        except QueryCancelledError as error:
            caught.append(error)

    thread = threading.Thread(target=ask)
    thread.start()
    wait_until(lambda: any(one.query_id == "to-cancel" for one in asked.running()))
    assert not asked.cancel("to-cancel", owner="somebody else")
    assert asked.cancel("to-cancel", owner="me")
    thread.join(PATIENCE)
    assert len(caught) == 1


# Views.


def test_the_past_is_answered_by_the_embedded_engine_with_the_same_meaning(remote: RemoteEngine) -> None:
    past = View(remote.today().as_of.replace(year=2005, day=1))
    assert remote._holds(past) is None
    text = f"SELECT (COUNT(*) AS ?n) WHERE {{ ?thing <{EX}number> ?number }}"
    assert remote.select(past, text) == remote.inner.select(past, text) != remote.select(remote.today(), text)


def test_a_change_reaches_the_store_and_both_engines_agree(remote: RemoteEngine) -> None:
    line = f'<{EX}new> <{EX}label> "新しい"@ja {STATED} .\n'.encode()
    text = f"SELECT ?label WHERE {{ <{EX}new> <{EX}label> ?label }}"
    applied = remote.apply(b"", line)
    assert read_marker(remote.store).revision == applied.revision
    assert remote._holds(remote.today()) is not None
    assert remote.select(remote.today(), text) == [{"label": Literal("新しい", language="ja")}]
    remote.apply(line, b"")
    assert remote._holds(remote.today()) is not None
    assert remote.select(remote.today(), text) == []


def test_while_a_change_is_under_way_the_embedded_engine_answers(remote: RemoteEngine) -> None:
    mark = f'GRAPH <{MARKER_GRAPH}> {{ <{MARKER}> <{NS}publishing> "other" }}'
    remote_client.update(remote.store, f"INSERT DATA {{ {mark} }}")
    remote._marker = (float("-inf"), remote._marker[1])
    assert remote._holds(remote.today()) is None
    assert remote.ask(remote.today(), f"ASK {{ <{EX}thing/1> ?p ?o }}")
    remote_client.update(remote.store, f"DELETE DATA {{ {mark} }}")
    remote._marker = (float("-inf"), remote._marker[1])
    assert remote._holds(remote.today()) is not None


@pytest.mark.parametrize(
    "damage",
    [
        f'INSERT DATA {{ GRAPH <{MARKER_GRAPH}> {{ <{MARKER}> <{NS}publishing> "half" }} }}',
        f"DELETE WHERE {{ GRAPH {STATED} {{ ?s <{EX}label> ?o }} }}",
        f"DROP GRAPH <{MARKER_GRAPH}>",
        f"INSERT DATA {{ GRAPH <https://w3id.org/kizuna/graph/left-over> {{ <{EX}a> <{EX}b> <{EX}c> }} }}",
    ],
    ids=["interrupted", "lost quads", "lost marker", "left-over graph"],
)
def test_an_interrupted_publication_is_found_and_repaired_at_the_next_start(
    remote: RemoteEngine, damage: str
) -> None:
    remote_client.update(remote.store, damage)
    with_new_start = RemoteEngine(remote.inner, remote.store, writes=True)
    assert with_new_start.publish()
    assert not read_marker(remote.store).pending
    text = "SELECT ?g (COUNT(*) AS ?n) WHERE { GRAPH ?g { ?s ?p ?o } } GROUP BY ?g ORDER BY ?g"
    assert with_new_start._holds(remote.today()) is not None
    assert with_new_start.select(remote.today(), text) == remote.inner.select(remote.today(), text)
    body, _ = remote_client.query(
        remote.store, "ASK { GRAPH ?g { ?s ?p ?o } FILTER(STRENDS(STR(?g), 'over')) }", 10
    )
    assert json.loads(body)["boolean"] is False
    untouched = RemoteEngine(remote.inner, remote.store, writes=True)
    assert untouched.publisher is not None
    assert untouched.publisher.start(*_present(untouched)) is False


def _present(engine: RemoteEngine) -> tuple[str, int, dict[str, frozenset[str]]]:
    today = engine.today()
    return engine.revision(today), engine.state().revision, remote_told.whole(engine.inner, today).new


def test_a_store_that_is_gone_leaves_the_embedded_engine(remote: RemoteEngine) -> None:
    nowhere = Store(*[f"http://127.0.0.1:{free_port()}/query"] * 2)
    alone = RemoteEngine(remote.inner, nowhere, writes=False)
    assert alone.ask(alone.today(), f"ASK {{ <{EX}thing/1> ?p ?o }}")
    with pytest.raises(EngineUnavailableError):
        RemoteEngine(remote.inner, nowhere, writes=True).start()


def test_tomorrow_is_not_todays_store(remote: RemoteEngine) -> None:
    assert remote._holds(View(remote.today().as_of + timedelta(days=1))) is None

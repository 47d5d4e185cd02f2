"""The compiled rules give what the reference reasoner gives, on our ontology and on random facts."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from pyoxigraph import NamedNode, RdfFormat, Store

from kizuna.views.build import infer
from kizuna.views.rl.compile import compile_ontology, schema_rules
from kizuna.views.rl.engine import closure
from kizuna.views.rl.order import components, dependency_order
from kizuna.views.terms import INFERRED
from tests.views.facts import stated, view
from tests.views.oracle import by_owlrl, inferred, naive

EX = "https://example.org/"
PREFIXES = f"""
@prefix : <{EX}> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""
SCHEMA = """
:A a owl:Class . :B a owl:Class ; rdfs:subClassOf :A . :C a owl:Class ; rdfs:subClassOf :B .
:D a owl:Class ; owl:equivalentClass :E . :E a owl:Class .
:p a owl:ObjectProperty ; rdfs:subPropertyOf :q ; rdfs:domain :B ; rdfs:range :E .
:q a owl:ObjectProperty ; owl:inverseOf :r . :r a owl:ObjectProperty .
:s a owl:ObjectProperty , owl:SymmetricProperty . :t a owl:ObjectProperty , owl:TransitiveProperty .
:u a owl:ObjectProperty ; owl:propertyChainAxiom ( :p :t ) , ( :s :r :t ) .
:v a owl:ObjectProperty ; owl:equivalentProperty :t .
:name a owl:DatatypeProperty ; rdfs:subPropertyOf :title ; rdfs:domain :A ; rdfs:range xsd:string .
:title a owl:DatatypeProperty .
:Has a owl:Class ; owl:equivalentClass [ a owl:Restriction ; owl:onProperty :p ; owl:hasValue :i0 ] .
:Both a owl:Class ; owl:equivalentClass [ owl:intersectionOf (
    :B [ a owl:Restriction ; owl:onProperty :t ; owl:hasValue :i1 ] [ a owl:Restriction ; owl:onProperty :s ; owl:someValuesFrom :D ] ) ] .
:Some a owl:Class . [ a owl:Restriction ; owl:onProperty :r ; owl:someValuesFrom :C ] rdfs:subClassOf :Some .
:Any a owl:Class . [ a owl:Restriction ; owl:onProperty :u ; owl:someValuesFrom owl:Thing ] rdfs:subClassOf :Any .
:Either a owl:Class ; owl:equivalentClass [ owl:unionOf ( :Has :Some ) ] .
:Only a owl:Class ; rdfs:subClassOf [ a owl:Restriction ; owl:onProperty :q ; owl:allValuesFrom :C ] .
:Few a owl:Class ; owl:equivalentClass [ owl:oneOf ( :i2 :i3 ) ] .
:C rdfs:subClassOf [ a owl:Restriction ; owl:onProperty :s ; owl:hasValue :i4 ] .
"""
CLASSES = ("A", "B", "C", "D", "E", "Has", "Both", "Only", "Some", "Few")
PROPERTIES = ("p", "q", "r", "s", "t", "u", "v")
things = st.sampled_from([f":i{number}" for number in range(6)])
memberships = st.tuples(things, st.just("a"), st.sampled_from([f":{name}" for name in CLASSES]))
edges = st.tuples(things, st.sampled_from([f":{name}" for name in PROPERTIES]), things)
names = st.tuples(
    things, st.sampled_from([":name", ":title"]), st.sampled_from(['"x"', '"y"@ja', "7", "2.5"])
)
facts = st.lists(st.one_of(memberships, edges, names), max_size=14)


def closed(schema: str, triples: list[tuple[str, str, str]]) -> Store:
    store = Store()
    text = PREFIXES + schema + "".join(f"{s} {p} {o} .\n" for s, p, o in triples)
    store.load(text, format=RdfFormat.TURTLE, to_graph=NamedNode(EX + "g"))
    return store


@settings(max_examples=25, deadline=None)
@given(facts)
def test_random_facts_close_as_the_reference_closes_them(triples: list[tuple[str, str, str]]) -> None:
    store = closed(SCHEMA, triples)
    expected = by_owlrl(store)
    infer(store)
    assert inferred(store) == expected


EQUALITY = """
:f a owl:ObjectProperty , owl:FunctionalProperty . :g a owl:ObjectProperty , owl:InverseFunctionalProperty .
:p a owl:ObjectProperty ; rdfs:domain :A . :A a owl:Class ; rdfs:subClassOf :B . :B a owl:Class .
:One a owl:Class ; rdfs:subClassOf [ a owl:Restriction ; owl:onProperty :p ; owl:maxCardinality 1 ] .
"""
equal_edges = st.tuples(things, st.sampled_from([":f", ":g", ":p"]), things)
equal_types = st.tuples(things, st.just("a"), st.sampled_from([":A", ":One"]))


@settings(max_examples=20, deadline=None)
@given(st.lists(st.one_of(equal_edges, equal_types), max_size=8))
def test_things_found_equal_share_what_is_said_of_them(triples: list[tuple[str, str, str]]) -> None:
    store = closed(EQUALITY, triples)
    expected = by_owlrl(store)
    infer(store)
    assert inferred(store) == expected


@settings(max_examples=25, deadline=None)
@given(facts)
def test_semi_naive_gives_what_naive_gives(triples: list[tuple[str, str, str]]) -> None:
    store = closed(SCHEMA, triples)
    compiled = compile_ontology(store)
    known = {(str(q.subject), str(q.predicate), str(q.object)) for q in store}
    expected = {
        fact
        for fact in naive(compiled.rules, known)
        if fact[0].startswith("<")
        and not fact[2].startswith("_")
        and (fact[0] != fact[2] or fact[1].startswith(f"<{EX}"))
    }
    lines = closure(store, compiled).lines
    triples_of = Store()
    triples_of.load("".join(lines), format=RdfFormat.N_TRIPLES)
    assert {(str(q.subject), str(q.predicate), str(q.object)) for q in triples_of} == expected
    assert len(lines) == len(set(lines))


def test_our_ontology_and_facts_close_as_the_reference_closes_them() -> None:
    store = view()
    ours = inferred(store)
    store.clear_graph(INFERRED)
    assert ours == by_owlrl(store)


def test_our_ontology_says_nothing_that_the_compiler_passes_over() -> None:
    assert compile_ontology(stated()).ignored == ()


def test_an_axiom_outside_the_profile_is_named() -> None:
    store = closed(":A rdfs:subClassOf [ owl:unionOf ( :B :C ) ] .", [])
    assert compile_ontology(store).ignored == ("owl:unionOf as a superclass",)


def test_compiling_is_deterministic() -> None:
    assert compile_ontology(stated()) == compile_ontology(stated())


def test_rule_ids_are_unique() -> None:
    compiled = compile_ontology(stated())
    ids = [rule.id for rule in compiled.rules]
    assert len(ids) == len(set(ids))
    assert {rule.id for rule in schema_rules()} <= set(ids)


@given(st.dictionaries(st.integers(0, 8), st.lists(st.integers(0, 8), max_size=4), max_size=9))
def test_components_come_after_what_they_reach(edges: dict[int, list[int]]) -> None:
    full = {node: edges.get(node, []) for node in range(9)}
    found = components(full)
    place = {node: number for number, component in enumerate(found) for node in component}
    assert sorted(place) == list(range(9))
    assert all(place[after] <= place[node] for node in full for after in full[node])


def test_a_head_is_visited_after_the_body() -> None:
    order = dependency_order([("c", ["b"]), ("b", ["a"]), ("d", ["c", "a"])])
    assert order["a"] < order["b"] < order["c"] < order["d"]

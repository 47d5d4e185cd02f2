"""Compiles the OWL axioms of a store to specialised instance rules. Reads the given store only.

The rules are those of the OWL 2 profiles document, section 4.3 (https://www.w3.org/TR/owl2-profiles/), with the
ontology's own terms filled in, so that nothing of the schema is looked up while they run. Class expressions
are unfolded into the bodies and heads; no rule speaks of a blank node that stands for a class.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import combinations

from pyoxigraph import BlankNode, Literal, NamedNode, Store

from kizuna.views.rl.expressions import Expressions, local_name
from kizuna.views.rl.model import CompiledOntology, Pattern, Rule, Slot, Var
from kizuna.views.rl.schema import Schema, Value
from kizuna.views.terms import DOMAIN, NOTHING, RANGE, SAME_AS, SUB_CLASS, SUB_PROPERTY, THING, TYPE, owl

X, Y, Z = Var("x"), Var("y"), Var("z")
_EQUIVALENT_CLASS = owl("equivalentClass")
_EQUIVALENT_PROPERTY = owl("equivalentProperty")


def compile_ontology(store: Store) -> CompiledOntology:
    """Compile every OWL axiom of the store.

    Args:
        store: any store; axioms are read from all its graphs.

    Returns:
        Rules and constraints in a stable order (equal ontologies give equal results).
    """
    return _Compiler(Schema(store)).compiled()


def equality_rules(predicates: Iterable[NamedNode], classes: Iterable[NamedNode]) -> tuple[Rule, ...]:
    """The rules eq-sym, eq-trans and eq-rep-s/-o for the given predicates and classes.

    They are wanted only when two different names are found to be the same thing, which in a curated graph is
    rare and nearly always a mistake to be shown; so they are kept out of the ordinary run.
    """
    rules = [
        Rule("eq-sym", "eq-sym", Pattern(Y, SAME_AS, X), (Pattern(X, SAME_AS, Y),)),
        Rule(
            "eq-trans",
            "eq-trans",
            Pattern(X, SAME_AS, Z),
            (Pattern(X, SAME_AS, Y), Pattern(Y, SAME_AS, Z)),
        ),
    ]
    same = Pattern(X, SAME_AS, Y)
    for predicate in sorted(set(predicates) - {TYPE, SAME_AS}, key=str):
        name = predicate.value
        rules.append(
            Rule(
                f"eq-rep-s/{name}",
                "eq-rep-s",
                Pattern(Y, predicate, Z),
                (same, Pattern(X, predicate, Z)),
                terms=(predicate,),
            )
        )
        rules.append(
            Rule(
                f"eq-rep-o/{name}",
                "eq-rep-o",
                Pattern(Z, predicate, Y),
                (same, Pattern(Z, predicate, X)),
                terms=(predicate,),
            )
        )
    for class_ in sorted(set(classes), key=str):
        rules.append(
            Rule(
                f"eq-rep-s/type/{class_.value}",
                "eq-rep-s",
                Pattern(Y, TYPE, class_),
                (same, Pattern(X, TYPE, class_)),
                terms=(class_,),
            )
        )
    return tuple(rules)


def schema_rules() -> tuple[Rule, ...]:
    """The rules of table 9 whose predicates are fixed: what the ontology says about its own terms."""
    a, b, c = Var("a"), Var("b"), Var("c")

    def rule(name: str, head: Pattern, *body: Pattern) -> Rule:
        return Rule(name, name.rstrip("ab") if name[-1] in "ab" else name, head, body)

    return (
        rule("scm-sco", Pattern(a, SUB_CLASS, c), Pattern(a, SUB_CLASS, b), Pattern(b, SUB_CLASS, c)),
        rule("scm-eqc1a", Pattern(a, SUB_CLASS, b), Pattern(a, _EQUIVALENT_CLASS, b)),
        rule("scm-eqc1b", Pattern(b, SUB_CLASS, a), Pattern(a, _EQUIVALENT_CLASS, b)),
        rule(
            "scm-eqc2", Pattern(a, _EQUIVALENT_CLASS, b), Pattern(a, SUB_CLASS, b), Pattern(b, SUB_CLASS, a)
        ),
        rule(
            "scm-spo", Pattern(a, SUB_PROPERTY, c), Pattern(a, SUB_PROPERTY, b), Pattern(b, SUB_PROPERTY, c)
        ),
        rule("scm-eqp1a", Pattern(a, SUB_PROPERTY, b), Pattern(a, _EQUIVALENT_PROPERTY, b)),
        rule("scm-eqp1b", Pattern(b, SUB_PROPERTY, a), Pattern(a, _EQUIVALENT_PROPERTY, b)),
        rule(
            "scm-eqp2",
            Pattern(a, _EQUIVALENT_PROPERTY, b),
            Pattern(a, SUB_PROPERTY, b),
            Pattern(b, SUB_PROPERTY, a),
        ),
        rule("scm-dom1", Pattern(a, DOMAIN, c), Pattern(a, DOMAIN, b), Pattern(b, SUB_CLASS, c)),
        rule("scm-dom2", Pattern(a, DOMAIN, c), Pattern(b, DOMAIN, c), Pattern(a, SUB_PROPERTY, b)),
        rule("scm-rng1", Pattern(a, RANGE, c), Pattern(a, RANGE, b), Pattern(b, SUB_CLASS, c)),
        rule("scm-rng2", Pattern(a, RANGE, c), Pattern(b, RANGE, c), Pattern(a, SUB_PROPERTY, b)),
    )


class _Compiler:
    def __init__(self, schema: Schema) -> None:
        self.schema = schema
        self.rules: dict[str, Rule] = {}
        self.constraints: dict[str, Rule] = {}
        self.ignored: set[str] = set()
        self.expressions = Expressions(schema, self.ignored)

    def compiled(self) -> CompiledOntology:
        for rule in schema_rules():
            self.rules[rule.id] = rule
        self.class_axioms()
        self.property_hierarchy()
        self.property_characteristics()
        self.disjointness()
        self.assertions()
        return CompiledOntology(
            tuple(sorted(self.rules.values(), key=lambda rule: rule.id)),
            tuple(sorted(self.constraints.values(), key=lambda rule: rule.id)),
            tuple(sorted(self.ignored)),
        )

    def add(
        self,
        name: str,
        head: Pattern | None,
        body: tuple[Pattern, ...],
        terms: Iterable[Value] = (),
        distinct: tuple[str, str] | None = None,
    ) -> None:
        if head is not None and head in body:
            return
        named = tuple(term for term in terms if isinstance(term, NamedNode | Literal))
        target = self.rules if head is not None else self.constraints
        identifier = base = "/".join((name, *(local_name(term) for term in named)))
        number = 1
        while identifier in target:
            if (target[identifier].head, target[identifier].body) == (head, body):
                return
            number += 1
            identifier = f"{base}/{number}"
        target[identifier] = Rule(identifier, name, head, body, distinct, named)

    # Classes -----------------------------------------------------------------------------------------

    def class_axioms(self) -> None:
        for left, right in self.schema.pairs(SUB_CLASS):
            self.inclusion(left, right, "cax-sco")
        for left, right in self.schema.pairs(_EQUIVALENT_CLASS):
            self.inclusion(left, right, "cax-eqc1")
            self.inclusion(right, left, "cax-eqc2")
            self.schema_inclusions(left, right)
            self.schema_inclusions(right, left)
        for constructor in ("intersectionOf", "unionOf", "oneOf", "complementOf"):
            for node, _ in self.schema.pairs(owl(constructor)):
                if isinstance(node, NamedNode):
                    self.definition(node, node)
        self.add("cls-nothing2", None, (Pattern(X, TYPE, NOTHING),), (NOTHING,))

    def inclusion(self, left: Value, right: Value, name: str) -> None:
        """Everything in `left` is in `right`, either of which may be an expression."""
        if left == right or isinstance(left, Literal) or isinstance(right, Literal):
            return
        if self.schema.is_datatype(left) or self.schema.is_datatype(right):
            return
        self.expand(left, right, name)

    def definition(self, named: NamedNode, node: NamedNode) -> None:
        """A named class that carries a constructor itself means what the constructor says."""
        for premises, rule_name in self.expressions.premises(node, X, unfold=True):
            self.add(rule_name, Pattern(X, TYPE, named), premises, (named,))
        for more, head, rule_name, distinct in self.expressions.conclusions(node, X, unfold=True):
            self.add(rule_name, head, (Pattern(X, TYPE, named), *more), (named,), distinct)

    def expand(self, left: Value, right: Value, name: str) -> None:
        named_left, named_right = isinstance(left, NamedNode), isinstance(right, NamedNode)
        if isinstance(right, NamedNode) and right != THING:
            for individual in self.expressions.enumerated(left):
                if isinstance(individual, NamedNode):
                    definition = Pattern(right, _EQUIVALENT_CLASS, Var("e"))
                    self.add("cls-oo", Pattern(individual, TYPE, right), (definition,), (right, individual))
        for premises, left_name in self.expressions.premises(left, X):
            if not premises:
                continue
            for more, head, right_name, distinct in self.expressions.conclusions(right, X):
                one_name = right_name if named_left else left_name
                rule_name = name if named_left and named_right else one_name
                terms = [term for term in (left, right) if not isinstance(term, BlankNode)]
                if head is not None and not named_right:
                    terms += [slot for slot in (head.object,) if isinstance(slot, NamedNode)]
                self.add(rule_name, head, (*premises, *more), terms, distinct)

    def schema_inclusions(self, named: Value, expression: Value) -> None:
        """scm-int and scm-uni between named classes, so that a class hierarchy shows them."""
        if not isinstance(named, NamedNode) or not isinstance(expression, BlankNode):
            return
        definition = Pattern(named, _EQUIVALENT_CLASS, Var("e"))
        for member in self.schema.list_of(self.schema.value(expression, owl("intersectionOf"))):
            if isinstance(member, NamedNode) and member not in (named, THING):
                self.add("scm-int", Pattern(named, SUB_CLASS, member), (definition,), (named, member))
        for member in self.schema.list_of(self.schema.value(expression, owl("unionOf"))):
            if isinstance(member, NamedNode) and member not in (named, NOTHING):
                self.add("scm-uni", Pattern(member, SUB_CLASS, named), (definition,), (member, named))

    # Properties --------------------------------------------------------------------------------------

    def edge(self, property_: Value, subject: Slot, object_: Slot) -> Pattern | None:
        """A pattern for a property or the inverse of one; None when it is neither."""
        return self.expressions.edge(property_, subject, object_)

    def property_hierarchy(self) -> None:
        for predicate, names in (
            (SUB_PROPERTY, ("prp-spo1", None)),
            (_EQUIVALENT_PROPERTY, ("prp-eqp1", "prp-eqp2")),
        ):
            for left, right in self.schema.pairs(predicate):
                below, above = self.edge(left, X, Y), self.edge(right, X, Y)
                if below is None or above is None or left == right:
                    continue
                forward, backward = names
                self.add(str(forward), above, (below,), (left, right))
                if backward:
                    self.add(backward, below, (above,), (right, left))
        for left, right in self.schema.pairs(owl("inverseOf")):
            if isinstance(left, NamedNode) and isinstance(right, NamedNode):
                self.add("prp-inv1", Pattern(Y, right, X), (Pattern(X, left, Y),), (left, right))
                self.add("prp-inv2", Pattern(Y, left, X), (Pattern(X, right, Y),), (right, left))
        for property_, chain in self.schema.pairs(owl("propertyChainAxiom")):
            if not isinstance(property_, NamedNode):
                continue
            links = self.schema.list_of(chain)
            slots = [Var(f"x{index}") for index in range(len(links) + 1)]
            body = [self.edge(link, slots[i], slots[i + 1]) for i, link in enumerate(links)]
            patterns = tuple(pattern for pattern in body if pattern is not None)
            if patterns and len(patterns) == len(links):
                self.add("prp-spo2", Pattern(slots[0], property_, slots[-1]), patterns, (property_, *links))

    def property_characteristics(self) -> None:
        for predicate, subject, name in ((DOMAIN, X, "prp-dom"), (RANGE, Y, "prp-rng")):
            for property_, class_ in self.schema.pairs(predicate):
                edge = self.edge(property_, X, Y)
                if edge is None or isinstance(class_, Literal) or self.schema.is_datatype(class_):
                    continue
                if predicate == RANGE and self.schema.is_data_property(property_):
                    continue
                for more, head, _, distinct in self.expressions.conclusions(class_, subject):
                    self.add(name, head, (edge, *more), (property_, class_), distinct)
        for p in self.schema.named_instances("SymmetricProperty"):
            self.add("prp-symp", Pattern(Y, p, X), (Pattern(X, p, Y),), (p,))
        for p in self.schema.named_instances("TransitiveProperty"):
            self.add("prp-trp", Pattern(X, p, Z), (Pattern(X, p, Y), Pattern(Y, p, Z)), (p,))
        for p in self.schema.named_instances("FunctionalProperty"):
            body = (Pattern(X, p, Y), Pattern(X, p, Z))
            if not self.schema.is_data_property(p):
                self.add("prp-fp", Pattern(Y, SAME_AS, Z), body, (p,), ("y", "z"))
            self.add("prp-fp", None, body, (p,), ("y", "z"))
        for p in self.schema.named_instances("InverseFunctionalProperty"):
            body = (Pattern(X, p, Z), Pattern(Y, p, Z))
            self.add("prp-ifp", Pattern(X, SAME_AS, Y), body, (p,), ("x", "y"))
            self.add("prp-ifp", None, body, (p,), ("x", "y"))
        for p in self.schema.named_instances("IrreflexiveProperty"):
            self.add("prp-irp", None, (Pattern(X, p, X),), (p,))
        for p in self.schema.named_instances("AsymmetricProperty"):
            self.add("prp-asyp", None, (Pattern(X, p, Y), Pattern(Y, p, X)), (p,))
        for class_, keys in self.schema.pairs(owl("hasKey")):
            self.key(class_, self.schema.list_of(keys))

    def key(self, class_: Value, properties: tuple[Value, ...]) -> None:
        if not isinstance(class_, NamedNode):
            return
        body = [Pattern(X, TYPE, class_), Pattern(Y, TYPE, class_)]
        for index, property_ in enumerate(properties):
            for subject in (X, Y):
                edge = self.edge(property_, subject, Var(f"v{index}"))
                if edge is None:
                    return
                body.append(edge)
        self.add("prp-key", Pattern(X, SAME_AS, Y), tuple(body), (class_, *properties), ("x", "y"))
        self.add("prp-key", None, tuple(body), (class_, *properties), ("x", "y"))

    # Consistency -------------------------------------------------------------------------------------

    def disjointness(self) -> None:
        for first, second in self.schema.pairs(owl("disjointWith")):
            self.disjoint_classes("cax-dw", first, second)
        for node in self.schema.instances(owl("AllDisjointClasses")):
            members = self.schema.list_of(self.schema.value(node, owl("members")))
            for left, right in combinations(members, 2):
                self.disjoint_classes("cax-adc", left, right)
        for class_, head in self.schema.pairs(owl("disjointUnionOf")):
            members = self.schema.list_of(head)
            for left, right in combinations(members, 2):
                self.disjoint_classes("cax-adc", left, right)
            for member in members:
                self.inclusion(member, class_, "cax-sco")
        pairs: list[tuple[str, tuple[Value, Value]]] = [
            ("prp-pdw", (left, right)) for left, right in self.schema.pairs(owl("propertyDisjointWith"))
        ]
        for node in self.schema.instances(owl("AllDisjointProperties")):
            members = self.schema.list_of(self.schema.value(node, owl("members")))
            pairs += [("prp-adp", pair) for pair in combinations(members, 2)]
        for name, (left, right) in pairs:
            one, other = self.edge(left, X, Y), self.edge(right, X, Y)
            if one is not None and other is not None:
                self.add(name, None, (one, other), (left, right))

    def disjoint_classes(self, name: str, left: Value, right: Value) -> None:
        if isinstance(left, Literal) or isinstance(right, Literal) or left == right:
            return
        for first, _ in self.expressions.premises(left, X):
            for second, _ in self.expressions.premises(right, X):
                self.add(name, None, (*first, *second), (left, right))

    def assertions(self) -> None:
        self.add("eq-diff1", None, (Pattern(X, SAME_AS, Y), Pattern(X, owl("differentFrom"), Y)), (SAME_AS,))
        for node, source in self.schema.pairs(owl("sourceIndividual")):
            property_ = self.schema.value(node, owl("assertionProperty"))
            target = self.schema.value(node, owl("targetIndividual")) or self.schema.value(
                node, owl("targetValue")
            )
            if isinstance(source, NamedNode) and isinstance(target, NamedNode | Literal) and property_:
                edge = self.edge(property_, source, target)
                if edge is not None:
                    self.add("prp-npa1", None, (edge,), (property_, source, target))

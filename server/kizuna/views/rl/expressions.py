"""Unfolds OWL class expressions into rule bodies and heads. Pure functions over a read schema."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

from pyoxigraph import BlankNode, Literal, NamedNode

from kizuna.views.rl.model import Pattern, Slot, Var
from kizuna.views.rl.schema import Schema, Value
from kizuna.views.terms import NOTHING, SAME_AS, THING, TYPE, owl

Premises = tuple[tuple[Pattern, ...], str]
"""Patterns that together put something into a class, and the rule's name."""
Conclusion = tuple[tuple[Pattern, ...], Pattern | None, str, tuple[str, str] | None]
"""Further patterns needed, what then holds (None: a contradiction), the rule's name, what must differ."""


def local_name(term: Value) -> str:
    """The last part of an IRI, or a literal's text: for ids that people read."""
    if isinstance(term, NamedNode):
        return term.value.rstrip("/#").replace("#", "/").rsplit("/", 1)[-1]
    return term.value


class Expressions:
    """Class and property expressions of one schema.

    Args:
        schema: the axioms.
        ignored: receives a sentence for each axiom that OWL 2 RL has no rule for.
    """

    def __init__(self, schema: Schema, ignored: set[str]) -> None:
        self._schema = schema
        self._ignored = ignored
        self._fresh = 0

    def _variable(self) -> Var:
        self._fresh += 1
        return Var(f"v{self._fresh}")

    def edge(self, property_: Value | None, subject: Slot, object_: Slot) -> Pattern | None:
        """A pattern for a property, or for the inverse of one; None when it is neither."""
        if isinstance(property_, NamedNode):
            return Pattern(subject, property_, object_)
        if isinstance(property_, BlankNode):
            inverse = self._schema.value(property_, owl("inverseOf"))
            if isinstance(inverse, NamedNode):
                return Pattern(object_, inverse, subject)
        return None

    def enumerated(self, node: Value) -> tuple[Value, ...]:
        """Members of an owl:oneOf expression (none when it is no such expression)."""
        if not isinstance(node, BlankNode):
            return ()
        return self._schema.list_of(self._schema.value(node, owl("oneOf")))

    def premises(self, node: Value, x: Slot, *, unfold: bool = False) -> Iterator[Premises]:
        """The ways in which something becomes a member of an expression.

        Args:
            node: a class or an expression.
            x: the thing that is to be a member.
            unfold: look at the constructor of a named class instead of its name.
        """
        if isinstance(node, Literal):
            return
        if node == THING:
            yield (), "cls-thing"
            return
        if isinstance(node, NamedNode) and not unfold:
            yield (Pattern(x, TYPE, node),), "cax-sco"
            return
        value = self._schema.value
        if (head := value(node, owl("intersectionOf"))) is not None:
            ways = [list(self.premises(member, x)) for member in self._schema.list_of(head)]
            for combination in product(*ways):
                yield tuple(pattern for patterns, _ in combination for pattern in patterns), "cls-int1"
        elif (head := value(node, owl("unionOf"))) is not None:
            for member in self._schema.list_of(head):
                for patterns, _ in self.premises(member, x):
                    yield patterns, "cls-uni"
        elif (filler := value(node, owl("someValuesFrom"))) is not None:
            yield from self._some(node, filler, x)
        elif (target := value(node, owl("hasValue"))) is not None:
            edge = None
            if not isinstance(target, BlankNode):
                edge = self.edge(value(node, owl("onProperty")), x, target)
            if edge is not None:
                yield (edge,), "cls-hv2"

    def _some(self, node: NamedNode | BlankNode, filler: Value, x: Slot) -> Iterator[Premises]:
        y = self._variable()
        edge = self.edge(self._schema.value(node, owl("onProperty")), x, y)
        if edge is None:
            return
        if self._schema.is_datatype(filler):
            self._ignored.add(f"someValuesFrom of the datatype {filler}")
            return
        for patterns, _ in self.premises(filler, y):
            yield (edge, *patterns), "cls-svf1" if patterns else "cls-svf2"

    def conclusions(self, node: Value, x: Slot, *, unfold: bool = False) -> Iterator[Conclusion]:
        """What follows from something being a member of an expression (arguments as `premises`)."""
        if isinstance(node, Literal) or node == THING:
            return
        if node == NOTHING:
            yield (), None, "cls-nothing2", None
            return
        if isinstance(node, NamedNode) and not unfold:
            yield (), Pattern(x, TYPE, node), "cax-sco", None
            return
        value = self._schema.value
        if (head := value(node, owl("intersectionOf"))) is not None:
            for member in self._schema.list_of(head):
                for more, conclusion, _, distinct in self.conclusions(member, x):
                    yield more, conclusion, "cls-int2", distinct
        elif (filler := value(node, owl("allValuesFrom"))) is not None:
            y = self._variable()
            edge = self.edge(value(node, owl("onProperty")), x, y)
            if edge is not None and not self._schema.is_datatype(filler):
                for more, conclusion, _, distinct in self.conclusions(filler, y):
                    yield (edge, *more), conclusion, "cls-avf", distinct
        elif (target := value(node, owl("hasValue"))) is not None:
            edge = None
            if not isinstance(target, BlankNode):
                edge = self.edge(value(node, owl("onProperty")), x, target)
            if edge is not None:
                yield (), edge, "cls-hv1", None
        elif (complement := value(node, owl("complementOf"))) is not None:
            for patterns, _ in self.premises(complement, x):
                yield patterns, None, "cls-com", None
        else:
            yield from self._at_most(node, x)

    def _at_most(self, node: NamedNode | BlankNode, x: Slot) -> Iterator[Conclusion]:
        value = self._schema.value
        property_ = value(node, owl("onProperty"))
        for predicate, plain, qualified in (
            ("maxCardinality", "cls-maxc", False),
            ("maxQualifiedCardinality", "cls-maxqc", True),
        ):
            bound = value(node, owl(predicate))
            if not isinstance(bound, Literal) or property_ is None:
                continue
            y, z = self._variable(), self._variable()
            first, second = self.edge(property_, x, y), self.edge(property_, x, z)
            class_ = value(node, owl("onClass")) if qualified else THING
            if first is None or second is None or class_ is None or bound.value not in ("0", "1"):
                continue
            for in_first, _ in self.premises(class_, y):
                if bound.value == "0":
                    yield (first, *in_first), None, plain + "1", None
                    continue
                for in_second, _ in self.premises(class_, z):
                    more = (first, *in_first, second, *in_second)
                    if not self._schema.is_data_property(property_):
                        yield more, Pattern(y, SAME_AS, z), plain + "2", (y.name, z.name)
                    yield more, None, plain + "2", (y.name, z.name)
            return
        for name in ("unionOf", "someValuesFrom", "oneOf", "minCardinality", "cardinality"):
            if value(node, owl(name)) is not None:
                self._ignored.add(f"owl:{name} as a superclass")

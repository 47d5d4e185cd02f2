"""Which quads an update can touch, told from its templates, so that only these are compared before and after it. Pure.

Every quad that an update removes or adds matches a triple of one of its templates, with variables standing for anything, or lies
in a graph that CLEAR, DROP, ADD, MOVE or COPY names. That is read off the tokens, strictly: a text with anything that is not
understood here (triple terms, reifiers, relative IRIs, code point escapes) may touch the whole store.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, NamedTuple

from pyoxigraph import DefaultGraph, NamedNode, Quad, Store

from kizuna.sparql.guard import Prologue, after_prologue, prologue
from kizuna.sparql.tokens import Token, tokenize
from kizuna.workspace.names import RDF

_SUBJECT_KINDS: Final = frozenset({"iri", "name", "variable", "blank"})
_END: Final = Token("unknown", "", 0, False)


class Pattern(NamedTuple):
    """Quads with this subject, predicate, object and graph; None stands for any. The default graph is "" """

    subject: str | None
    predicate: str | None
    object: str | None
    graph: str | None


class _NotUnderstood(Exception):  # noqa: N818 (not an error: the update is looked at in another way)
    """The text has something that this reader does not know."""


def touched(text: str) -> frozenset[Pattern] | None:
    """What an update can touch; None when it cannot be told.

    Args:
        text: the update, as the guard has passed it.
    """
    if "\\u" in text or "\\U" in text:
        return None
    try:
        return frozenset(_Reader(text).update())
    except _NotUnderstood:
        return None


def matching(store: Store, patterns: Iterable[Pattern], most: int) -> set[Quad] | None:
    """The quads of a store that match one of the patterns; None when there are more than `most`."""
    found: set[Quad] = set()
    for pattern in patterns:
        subject, predicate, thing = (None if iri is None else NamedNode(iri) for iri in pattern[:3])
        graph = _graph(pattern.graph)
        for quad in store.quads_for_pattern(subject, predicate, thing, graph):
            found.add(quad)
            if len(found) > most:
                return None
    return found


def _graph(name: str | None) -> NamedNode | DefaultGraph | None:
    if name is None:
        return None
    return NamedNode(name) if name else DefaultGraph()


class _Reader:
    """One pass over the tokens of an update (SPARQL 1.1 §19.8, rules 29 to 53)."""

    def __init__(self, text: str) -> None:
        self.tokens = tokenize(text)
        self.at = 0
        self.base = ""
        self.prefixes: dict[str, str] = {}
        self.found: list[Pattern] = []

    def update(self) -> list[Pattern]:
        while self.at < len(self.tokens):
            self._declarations()
            if self.at < len(self.tokens):
                self._operation()
            if self.at < len(self.tokens):
                self._expect(";")
        return self.found

    # Tokens.

    def _token(self, ahead: int = 0) -> Token:
        at = self.at + ahead
        return self.tokens[at] if at < len(self.tokens) else _END

    def _word(self, ahead: int = 0) -> str:
        token = self._token(ahead)
        return token.upper if token.kind == "word" else ""

    def _mark(self) -> str:
        token = self._token()
        return token.text if token.kind == "mark" else ""

    def _takes(self, *words: str) -> bool:
        """Go past these words if they stand here."""
        if all(self._word(ahead) == word for ahead, word in enumerate(words)):
            self.at += len(words)
            return True
        return False

    def _expect(self, mark: str) -> None:
        if self._mark() != mark:
            raise _NotUnderstood
        self.at += 1

    def _iri(self) -> str:
        """An absolute IRI, written out or by its prefix."""
        iri = Prologue("", self.prefixes).resolve(self._token())
        if iri is None or ":" not in iri or self._token().kind not in ("iri", "name"):
            raise _NotUnderstood
        try:
            NamedNode(iri)
        except ValueError as error:
            raise _NotUnderstood from error
        self.at += 1
        return iri

    def _declarations(self) -> None:
        rest = self.tokens[self.at :]
        end = after_prologue(rest)
        declared = prologue(rest[:end])
        if declared.base or any(":" not in iri for iri in declared.prefixes.values()):
            raise _NotUnderstood  # names may rest on a base
        self.prefixes |= declared.prefixes
        self.at += end

    # Operations.

    def _operation(self) -> None:
        if self._takes("INSERT", "DATA") or self._takes("DELETE", "DATA") or self._takes("DELETE", "WHERE"):
            self._quads("")
        elif self._word() in ("CLEAR", "DROP", "CREATE"):
            self._whole_graph()
        elif self._word() in ("ADD", "MOVE", "COPY"):
            self._between_graphs()
        else:
            self._modify()

    def _whole_graph(self) -> None:
        creates = self._word() == "CREATE"
        self.at += 1
        self._takes("SILENT")
        if self._takes("DEFAULT"):
            graph = ""
        elif self._takes("GRAPH"):
            graph = self._iri()
        else:
            raise _NotUnderstood  # NAMED, ALL: the whole store, or nearly
        if not creates:  # an empty graph is no graph here
            self.found.append(Pattern(None, None, None, graph))

    def _between_graphs(self) -> None:
        moves = self._word() == "MOVE"
        self.at += 1
        self._takes("SILENT")
        source = self._graph_or_default()
        if not self._takes("TO"):
            raise _NotUnderstood
        target = self._graph_or_default()
        self.found += [Pattern(None, None, None, graph) for graph in ([source] if moves else []) + [target]]

    def _graph_or_default(self) -> str:
        if self._takes("DEFAULT"):
            return ""
        self._takes("GRAPH")
        return self._iri()

    def _modify(self) -> None:
        graph = self._iri() if self._takes("WITH") else ""
        templates = 0
        for word in ("DELETE", "INSERT"):
            if self._takes(word):
                self._quads(graph)
                templates += 1
        while self._takes("USING"):
            self._takes("NAMED")
            self._iri()
        if not templates or not self._takes("WHERE"):
            raise _NotUnderstood
        self._skip_group()

    def _skip_group(self) -> None:
        depth = 0
        while True:
            token = self._token()
            if token is _END:
                raise _NotUnderstood
            self.at += 1
            if token.kind == "mark":
                depth += (token.text in ("{", "{|")) - (token.text in ("}", "|}"))
            if depth <= 0:
                return

    # Templates.

    def _quads(self, graph: str) -> None:
        self._expect("{")
        while self._mark() != "}":
            if self._takes("GRAPH"):
                named = self._node()
                self._expect("{")
                while self._mark() != "}":
                    self._triples(named)
                self._expect("}")
                if self._mark() == ".":
                    self.at += 1
            else:
                self._triples(graph)
        self._expect("}")

    def _triples(self, graph: str | None) -> None:
        """Triples of one subject, with the dot after them."""
        nested = self._mark() in ("[", "(")
        subject = self._subject(graph)
        if not (nested and (self._mark() in (".", "}") or self._word() == "GRAPH")):
            self._properties(subject, graph)
        if self._mark() == ".":
            self.at += 1
        elif self._mark() != "}" and self._word() != "GRAPH":
            raise _NotUnderstood

    def _properties(self, subject: str | None, graph: str | None) -> None:
        """Predicates and objects of one subject, up to a dot or a bracket."""
        while True:
            predicate = self._verb()
            self.found.append(Pattern(subject, predicate, self._object(graph), graph))
            while self._mark() == ",":
                self.at += 1
                self.found.append(Pattern(subject, predicate, self._object(graph), graph))
            if self._mark() != ";":
                return
            while self._mark() == ";":
                self.at += 1
            if self._mark() in (".", "}", "]") or self._word() == "GRAPH":
                return

    def _subject(self, graph: str | None) -> str | None:
        """A subject or an object that is no literal; what stands in brackets is a fresh blank node."""
        if self._mark() == "[":
            self.at += 1
            if self._mark() != "]":
                self._properties(None, graph)
            self._expect("]")
            return None
        if self._mark() == "(":
            self.at += 1
            self.found += [Pattern(None, RDF + part, None, graph) for part in ("first", "rest")]
            while self._mark() != ")":
                self._object(graph)
            self.at += 1
            return None
        if self._token().kind not in _SUBJECT_KINDS:
            raise _NotUnderstood
        return self._node()

    def _node(self) -> str | None:
        if self._token().kind in ("variable", "blank"):
            self.at += 1
            return None
        return self._iri()

    def _verb(self) -> str | None:
        token = self._token()
        if token.kind == "word" and token.text == "a":
            self.at += 1
            return RDF + "type"
        if token.kind == "variable":
            self.at += 1
            return None
        return self._iri()

    def _object(self, graph: str | None) -> str | None:
        """An object; literals stand for any object, so that it does not matter how they are written."""
        if self._token().kind in _SUBJECT_KINDS or self._mark() in ("[", "("):
            return self._subject(graph)
        if self._mark() in ("+", "-"):
            self.at += 1
        token = self._token()
        self.at += 1
        if token.kind == "string":
            if self._token().kind == "language":
                self.at += 1
            elif self._mark() == "^^":
                self.at += 1
                self._iri()
        elif token.kind != "number" and not (token.kind == "word" and token.upper in ("TRUE", "FALSE")):
            raise _NotUnderstood
        return None

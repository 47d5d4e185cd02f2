"""Runs the cases of a suite over HTTP and says of each: passed, or what differed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import PurePosixPath

import requests
from pyoxigraph import (
    QueryBoolean,
    QueryResultsFormat,
    QuerySolutions,
    RdfFormat,
    parse_query_results,
    serialize,
)

from kizuna.sparql.guard import prologue
from kizuna.sparql.tokens import tokenize
from tests.sparql.w3c import compare
from tests.sparql.w3c.manifest import BASE, Case, Exchange, Graphs, Suite

STATUSES = {
    "OK": {200},
    "Created": {201},
    "NoContent": {204},
    "NotFound": {404},
    "BadRequest": {400},
    "StatusCode2xx": set(range(200, 300)),
    "StatusCode3xx": set(range(300, 400)),
    "StatusCode4xx": set(range(400, 500)),
    "StatusCode5xx": set(range(500, 600)),
}
FORMAT_TYPES = {
    "boolean": {"application/sparql-results+json", "application/sparql-results+xml"},
    "tabular": {
        "application/sparql-results+json",
        "application/sparql-results+xml",
        "text/csv",
        "text/tab-separated-values",
    },
    "RDF": {"text/turtle", "application/rdf+xml", "application/n-triples", "application/ld+json"},
}


@dataclass(frozen=True)
class Outcome:
    """What became of a case; `problem` is empty when it passed."""

    case: Case
    problem: str


class Runner:
    """Runs cases against a server without a gate.

    Args:
        suite: the files.
        server: its address, without a slash at the end.
        token: its admin token.
    """

    def __init__(self, suite: Suite, server: str, token: str) -> None:
        self.suite = suite
        self.server = server
        self.http = requests.Session()
        self.http.headers["Authorization"] = f"Bearer {token}"
        self.dirty = True

    def close(self) -> None:
        self.http.close()

    def run(self, case: Case) -> Outcome:
        """Run one case."""
        kinds = {
            "QueryEvaluationTest": self._evaluation,
            "CSVResultFormatTest": self._csv,
            "UpdateEvaluationTest": self._update,
            "PositiveSyntaxTest": self._positive_query,
            "PositiveSyntaxTest11": self._positive_query,
            "NegativeSyntaxTest": self._negative_query,
            "NegativeSyntaxTest11": self._negative_query,
            "PositiveUpdateSyntaxTest11": self._positive_update,
            "PositiveUpdateSyntaxTest": self._positive_update,
            "NegativeUpdateSyntaxTest11": self._negative_update,
            "NegativeUpdateSyntaxTest": self._negative_update,
            "ProtocolTest": self._protocol,
            "GraphStoreProtocolTest": self._protocol,
            "ServiceDescriptionTest": self._description,
        }
        if case.kind not in kinds:
            return Outcome(case, f"unknown kind of test {case.kind}")
        try:
            return Outcome(case, kinds[case.kind](case))
        except (SyntaxError, ValueError, KeyError, OSError) as error:
            return Outcome(case, f"{type(error).__name__}: {error}")

    # The dataset.

    def _clear(self) -> None:
        if self.dirty:
            self._must(self.http.post(self.server + "/sparql", data={"update": "CLEAR ALL"}))
            self.dirty = False

    def _must(self, response: requests.Response) -> None:
        if response.status_code >= 400:
            raise ValueError(f"{response.status_code} {response.text[:200]}")

    def _load(self, data: Graphs) -> None:
        self._clear()
        for file in data.default:
            self._post({"default": ""}, file, file)
        for name, file in data.named:
            self._post({"graph": name}, file, file)

    def _post(self, graph: dict[str, str], file: str, base: str) -> None:
        self.dirty = True
        form = compare.FORMATS[PurePosixPath(file).suffix]
        body = serialize(
            (q.triple for q in compare.triples(self.suite.text(file), form, base)), format=RdfFormat.N_TRIPLES
        )
        headers = {"Content-Type": "application/n-triples"}
        self._must(self.http.post(self.server + "/graphs", params=graph, data=body, headers=headers))

    def _state(self, graph: str | None) -> list[compare.Quad]:
        where = {"default": ""} if graph is None else {"graph": graph}
        response = self.http.get(
            self.server + "/graphs", params=where, headers={"Accept": "application/n-triples"}
        )
        if response.status_code == 404:
            return []
        self._must(response)
        return compare.triples(response.content, RdfFormat.N_TRIPLES, BASE)

    # Queries.

    def _text(self, case: Case) -> bytes:
        return f"BASE <{case.file}>\n".encode() + self.suite.text(case.file or "")

    def _query(self, case: Case, accept: str) -> requests.Response:
        headers = {"Content-Type": "application/sparql-query", "Accept": accept}
        return self.http.post(self.server + "/sparql", data=self._text(case), headers=headers)

    def _dataset_of(self, case: Case) -> Graphs:
        """Graphs that the query names by FROM are files of the suite as well."""
        tokens = tokenize(self._text(case).decode("utf-8"))
        head = prologue(tokens)
        named = list(case.data.named)
        for at, token in enumerate(tokens):
            if token.kind == "word" and token.upper == "FROM":
                target = tokens[at + 2] if tokens[at + 1].upper == "NAMED" else tokens[at + 1]
                iri = head.resolve(target)
                if iri and self.suite.path(iri).is_file() and (iri, iri) not in named:
                    named.append((iri, iri))
        return Graphs(case.data.default, tuple(named))

    def _evaluation(self, case: Case) -> str:
        self._load(self._dataset_of(case))
        response = self._query(case, "application/sparql-results+json, text/turtle;q=0.9")
        if response.status_code != 200:
            return f"status {response.status_code}: {response.json().get('detail', '')[:150]}"
        expected = case.result or ""
        suffix = PurePosixPath(expected).suffix
        if response.headers["Content-Type"].startswith("text/turtle"):
            got = compare.triples(response.content, RdfFormat.TURTLE, expected)
            wanted = compare.triples(self.suite.text(expected), compare.FORMATS[suffix], expected)
            return "" if compare.same_graphs(got, wanted) else "the graph differs"
        result = parse_query_results(response.content, format=QueryResultsFormat.JSON)
        rows, ordered = compare.expected_rows(self.suite.text(expected), suffix, expected)
        if isinstance(result, QueryBoolean):
            return "" if bool(result) == rows else "the truth value differs"
        if isinstance(rows, bool) or not isinstance(result, QuerySolutions):
            return "the kind of result differs"
        found = compare.rows_of(result)
        if case.lax:  # REDUCED may keep repetitions or not
            found, rows = compare.once(found), compare.once(rows)
        got = compare.solutions_as_quads(found, ordered)
        same = compare.same_graphs(got, compare.solutions_as_quads(rows, ordered))
        return "" if same else "the solutions differ"

    def _csv(self, case: Case) -> str:
        self._load(case.data)
        suffix = PurePosixPath(case.result or "").suffix
        response = self._query(case, "text/csv" if suffix == ".csv" else "text/tab-separated-values")
        if response.status_code != 200:
            return f"status {response.status_code}"
        return (
            ""
            if compare.same_csv(response.content, self.suite.text(case.result or ""))
            else "the lines differ"
        )

    def _positive_query(self, case: Case) -> str:
        self._clear()
        return self._read(self._query(case, "*/*"))

    def _read(self, response: requests.Response) -> str:
        """Was the text read? An unknown function or graph is found out later, by the evaluation."""
        if response.status_code < 300:
            return ""
        said = response.json()
        if "custom function" in said["detail"] or said["code"] == "update-failed":
            return ""
        return f"status {response.status_code}: {said['detail'][:150]}"

    def _negative_query(self, case: Case) -> str:
        self._clear()
        status = self._query(case, "*/*").status_code
        return "" if status == 400 else f"status {status} instead of 400"

    # Updates.

    def _send_update(self, case: Case) -> requests.Response:
        self.dirty = True
        headers = {"Content-Type": "application/sparql-update"}
        return self.http.post(self.server + "/sparql", data=self._text(case), headers=headers)

    def _update(self, case: Case) -> str:
        self._load(case.data)
        response = self._send_update(case)
        if response.status_code >= 300:
            return f"status {response.status_code}: {response.json()['detail'][:150]}"
        for name in (
            None,
            *(n for n, _ in {**dict(case.data.named), **dict(case.result_data.named)}.items()),
        ):
            files = (
                case.result_data.default
                if name is None
                else [f for n, f in case.result_data.named if n == name]
            )
            wanted = [
                quad
                for file in files
                for quad in compare.triples(
                    self.suite.text(file), compare.FORMATS[PurePosixPath(file).suffix], file
                )
            ]
            if not compare.same_graphs(self._state(name), wanted):
                return f"the graph {name or 'default'} differs"
        return ""

    def _positive_update(self, case: Case) -> str:
        self._clear()
        return self._read(self._send_update(case))

    def _negative_update(self, case: Case) -> str:
        self._clear()
        status = self._send_update(case).status_code
        return "" if 400 <= status < 500 else f"status {status} instead of 400"

    # HTTP.

    def _protocol(self, case: Case) -> str:
        self._load(case.data)
        self.dirty = True
        place = ""
        for number, one in enumerate(case.exchanges, 1):
            response, problem = self._exchange(one, place)
            place = response.headers.get("Location", place)
            if problem:
                return f"request {number}: {problem}"
        return ""

    def _exchange(self, one: Exchange, place: str) -> tuple[requests.Response, str]:
        path = re.sub(r"^/sparql/?", "/sparql", one.path)
        path = re.sub(r"^/gsp", "/graphs", path)
        if "$NEWPATH$" in path or "$LOCATION$" in path:
            path = place.removeprefix(self.server)
        body = None if one.body is None else one.body.encode(one.encoding)
        headers = {name: value for name, value in one.headers if name.lower() != "content-length"}
        response = self.http.request(one.method, self.server + path, data=body, headers=headers)
        allowed = set().union(*(STATUSES[status] for status in one.statuses)) if one.statuses else set()
        if allowed and response.status_code not in allowed:
            return (
                response,
                f"status {response.status_code} instead of {', '.join(one.statuses)}: {response.text[:150]}",
            )
        media_type = response.headers.get("Content-Type", "").split(";")[0]
        if one.format and media_type not in FORMAT_TYPES[one.format]:
            return response, f"{media_type} is no format for {one.format}"
        if one.boolean is not None and response.json()["boolean"] is not one.boolean:
            return response, f"the answer is not {one.boolean}"
        if one.answer is not None and one.method != "HEAD":
            got = compare.triples(response.content, RdfFormat.TURTLE, BASE)
            wanted = compare.triples(one.answer.encode(), RdfFormat.TURTLE, BASE)
            if not compare.same_graphs(got, wanted):
                return response, "the graph differs"
        return response, ""

    def _description(self, case: Case) -> str:
        response = self.http.get(self.server + "/sparql", headers={"Accept": "text/turtle"})
        if response.status_code != 200 or not response.headers["Content-Type"].startswith("text/turtle"):
            return f"status {response.status_code}"
        quads = compare.triples(response.content, RdfFormat.TURTLE, self.server)
        sd = "http://www.w3.org/ns/sparql-service-description#"
        endpoints = {q.object.value for q in quads if q.predicate.value == sd + "endpoint"}  # type: ignore[union-attr]
        services = {q.subject for q in quads if getattr(q.object, "value", "") == sd + "Service"}
        if case.name == "has-endpoint-triple":
            return "" if f"{self.server}/sparql" in endpoints else f"sd:endpoint is {endpoints}"
        return "" if services else "no sd:Service"

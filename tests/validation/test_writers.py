"""Each form of a report says the same things, in the language asked for."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from rdflib import SH, Graph
from rdflib.namespace import RDF

from kizuna.validation import Constraint, Finding, Location, Report, Severity, Text, validate_workspace
from kizuna.validation.report import Language
from kizuna.validation.writers import json as json_writer
from kizuna.validation.writers import junit, sarif, text, turtle
from tests.support.sarif import faults

from .support import workspace

SHAPES = "https://w3id.org/kizuna/shapes#"
RULES = tuple(
    Constraint(
        f"{SHAPES}{name}",
        severity,
        Text(f"{name}の名", f"name of {name}"),
        Text(f"{name}に反する", f"{name} is broken"),
        Text(f"{name}を直す", f"mend {name}"),
    )
    for name, severity in (("block", Severity.VIOLATION), ("ask", Severity.WARNING), ("tell", Severity.INFO))
)
UNBROKEN = Constraint(f"{SHAPES}fine", Severity.VIOLATION, Text("良", "fine"), Text("x", "x"), Text("y", "y"))


def finding(number: int, rule: Constraint, label: str = "もの") -> Finding:
    return Finding(
        focus=f"https://w3id.org/kizuna/id/agreement/a{number}",
        focus_label=Text(label, f"thing {number}"),
        path="https://w3id.org/kizuna/ns#party",
        path_label=Text("当事者", "party"),
        value='"<b>&"@en',
        value_label=Text("<b>&", "<b>&"),
        constraint=rule,
        component="ClassConstraintComponent",
        location=Location("data/x.ttl", 7) if number else None,
    )


@pytest.fixture
def report() -> Report:
    findings = (finding(1, RULES[0]), finding(0, RULES[1]), finding(2, RULES[2]), finding(3, RULES[2]))
    return Report(findings, (*RULES, UNBROKEN), 1234, "turbo", 0.5)


def test_text_tells_violations_and_warnings_and_counts_notes(report: Report) -> None:
    english, japanese = text.write(report, "en"), text.write(report, "ja")
    assert "1 violation, 1 warning, 2 notes (1,234 statements against 4 constraints in 0.5 s)" in english
    assert "違反 1件、警告 1件、注記 2件" in japanese
    block = english.split("\n\n")[1]
    assert block.splitlines() == [
        "[violation] thing 1  <agreement:a1>",
        "  block is broken",
        "  property: party",
        "  value: <b>&",
        "  place: data/x.ttl:7",
        "  fix: mend block",
        "  rule: block (name of block)",
    ]
    assert "[note]" not in english
    assert "     2  name of tell (tell)" in english
    assert "直し方: blockを直す" in japanese


def test_text_tells_notes_one_by_one_when_asked(report: Report) -> None:
    assert text.write(report, "en", notes=True).count("[note]") == 2


def test_text_says_how_much_it_left_out(report: Report) -> None:
    assert "There are 1 more." in text.write(report, "en", limit=1)
    assert "ほかに1件あります。" in text.write(report, "ja", limit=1)


def test_text_of_a_clean_report_says_so() -> None:
    clean = Report((), RULES, 10, "turbo", 0.0)
    assert text.write(clean, "en").splitlines()[1] == "Nothing stands in the way of publishing."
    assert text.write(clean, "ja").splitlines()[1] == "公開を妨げる違反はありません。"


def test_names_from_a_file_cannot_steer_a_terminal_or_break_the_xml() -> None:
    hostile = Report((finding(1, RULES[0], "\x1b[31m赤\x00\u202e"),), RULES, 1, "turbo", 0.0)
    assert "\x1b" not in text.write(hostile, "ja")
    ElementTree.fromstring(junit.write(hostile, "ja"))  # noqa: S314 (our own output)


def test_json_holds_both_languages_and_all_findings(report: Report) -> None:
    parsed = json.loads(json_writer.write(report))
    assert (parsed["conforms"], parsed["violations"], parsed["warnings"], parsed["notes"]) == (False, 1, 1, 2)
    first = parsed["findings"][0]
    assert first["message"] == {"ja": "blockに反する", "en": "block is broken"}
    assert first["location"] == {"path": "data/x.ttl", "line": 7}
    assert parsed["findings"][1]["location"] is None


def test_turtle_is_a_shacl_report(report: Report) -> None:
    graph = Graph().parse(data=turtle.write(report), format="turtle")
    assert len(set(graph.subjects(RDF.type, SH.ValidationResult))) == 4
    (top,) = graph.subjects(RDF.type, SH.ValidationReport)
    assert len(set(graph.objects(top, SH.result))) == 4
    assert {str(value) for value in graph.objects(top, SH.conforms)} == {"false"}
    assert {value.language for value in graph.objects(None, SH.resultMessage)} == {"ja", "en"}  # type: ignore[attr-defined]
    assert {str(value) for value in graph.objects(None, SH.value)} == {"<b>&"}


def test_sarif_points_into_files_and_leaves_notes_out(report: Report) -> None:
    log = json.loads(sarif.write(report, "ja"))
    assert log["version"] == "2.1.0"
    (run,) = log["runs"]
    assert [result["level"] for result in run["results"]] == ["error", "warning"]
    place = run["results"][0]["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "data/x.ttl"
    assert place["region"] == {"startLine": 7}
    assert "physicalLocation" not in run["results"][1]["locations"][0]
    for result in run["results"]:
        assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
    assert "blockに反する" in run["results"][0]["message"]["text"]
    assert len(json.loads(sarif.write(report, "en", notes=True))["runs"][0]["results"]) == 4


@pytest.mark.parametrize(
    ("base", "expected"),
    [
        (sarif.Base(uri="file:///r/", within="graph/", otherwise="data"), ["graph/data/x.ttl", "graph/data"]),
        (replace(sarif.SENT, otherwise="table.csv"), ["data/x.ttl", "table.csv"]),
    ],
    ids=["a workspace in a repository", "a document that was sent"],
)
def test_sarif_names_what_its_paths_are_relative_to(
    report: Report, base: sarif.Base, expected: list[str]
) -> None:
    """SARIF 2.1.0, sections 3.4, 3.14.14 and 3.24: a viewer finds each file, and a code host takes no result without one."""
    (run,) = json.loads(sarif.write(report, "en", base=base))["runs"]
    places = [one["locations"][0]["physicalLocation"]["artifactLocation"] for one in run["results"]]
    assert [place["uri"] for place in places] == expected
    for place in places:
        assert place["uriBaseId"] in run["originalUriBaseIds"]
        assert run["artifacts"][place["index"]]["location"]["uri"] == place["uri"]
    root = run["originalUriBaseIds"][base.name]
    assert root.get("uri", "file:///r/") == "file:///r/"
    assert ("uri" in root) == bool(base.uri)
    assert run["invocations"] == [{"executionSuccessful": True}]


@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.parametrize("base", [sarif.FILES, sarif.Base(uri="file:///r/", within="日本/"), sarif.SENT])
def test_sarif_holds_to_its_schema(report: Report, language: Language, base: sarif.Base) -> None:
    cell = replace(finding(4, RULES[0]), location=Location("表 1.xlsx", 3, field="party", cell="表!B3"))
    whole = replace(report, findings=(*report.findings, cell))
    for told in (whole, replace(whole, findings=(), constraints=())):
        for named in (base, replace(base, otherwise="data")):
            assert faults(json.loads(sarif.write(told, language, notes=True, base=named))) == []


@pytest.mark.parametrize(
    "spoil",
    [
        lambda run: run["results"][0]["message"].clear(),
        lambda run: run["results"][0].update(level="violation"),
        lambda run: run["artifacts"][0]["location"].update(uri="with space.ttl"),
        lambda run: run["tool"]["driver"]["rules"][0].update(helpUri="no address"),
        lambda run: run.update(unheard="of"),
    ],
)
def test_the_schema_of_sarif_tells_a_spoilt_log(
    report: Report, spoil: Callable[[dict[str, Any]], None]
) -> None:
    log = json.loads(sarif.write(report, "en"))
    spoil(log["runs"][0])
    assert len(faults(log)) == 1


def test_junit_has_a_test_for_each_constraint_and_fails_on_violations_only(report: Report) -> None:
    (suite,) = ElementTree.fromstring(junit.write(report, "en"))  # noqa: S314 (our own output)
    assert (suite.get("tests"), suite.get("failures")) == ("4", "1")
    cases = {(case.get("name") or "").split(":")[0]: case for case in suite}
    assert cases["block"].find("failure") is not None
    assert cases["ask"].find("failure") is None
    assert "thing 0" in (cases["ask"].findtext("system-out") or "")
    assert len(cases["fine"]) == 0


def test_a_real_report_goes_through_every_writer(tmp_path: Path) -> None:
    root = workspace(
        tmp_path, x="<https://w3id.org/kizuna/id/state/BBB> a <https://w3id.org/kizuna/ns#Stat> ."
    )
    report = validate_workspace(root)
    assert [found.constraint.id for found in report.findings] == ["type-known"]
    assert "乙国" in text.write(report, "ja")
    assert json.loads(json_writer.write(report))["violations"] == 1
    log = json.loads(sarif.write(report, "en"))
    assert log["runs"][0]["results"]
    assert faults(log) == []
    assert "Bland" in junit.write(report, "en")
    assert "sh:ValidationResult" in turtle.write(report)

"""A whole workspace is validated from its files, and the report names thing, property, value, rule and place."""

from __future__ import annotations

from pathlib import Path

import pytest

from kizuna.validation import Severity, validate_workspace
from kizuna.workspace.load import WorkspaceError

from .support import BROKEN, GOOD, REPOSITORY, without, workspace

ID = "https://w3id.org/kizuna/id/"
K = "https://w3id.org/kizuna/ns#"
STRANGER = """@prefix k: <https://w3id.org/kizuna/ns#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .

<https://w3id.org/kizuna/id/company/strange> a k:Company ;
    skos:prefLabel "変な会社"@ja , "Strange Company"@en ;
    k:seat <https://w3id.org/kizuna/id/source/page> .
"""


def test_a_sound_workspace_is_clean(tmp_path: Path) -> None:
    report = validate_workspace(workspace(tmp_path))
    assert report.findings == ()
    assert report.conforms
    assert report.exit_code == 0
    assert len(report.constraints) == len(list(BROKEN.glob("*.ttl")))
    assert report.triples > 4_000


def test_a_finding_names_thing_property_value_rule_and_line(tmp_path: Path) -> None:
    report = validate_workspace(workspace(tmp_path, strange=STRANGER))
    (found,) = report.findings
    assert found.focus == ID + "company/strange"
    assert (found.focus_label.ja, found.focus_label.en) == ("変な会社", "Strange Company")
    assert found.path == K + "seat"
    assert found.path_label is not None
    assert found.path_label.ja == "所属国"
    assert found.value == f"<{ID}source/page>"
    assert found.value_label is not None
    assert found.value_label.en == "憲章のページ"  # a source has its title, in its own language
    assert found.constraint.id == "seat-class"
    assert found.severity == Severity.VIOLATION
    assert str(found.location) == "data/strange.ttl:6"
    assert report.exit_code == 1


def test_a_missing_property_is_placed_at_its_subject(tmp_path: Path) -> None:
    root = workspace(tmp_path)
    text = without(GOOD.read_text("utf-8"), "k:issuer state:AAA ;\n    k:lawNumber", "k:lawNumber")
    (root / "data/world.ttl").write_text(text, encoding="utf-8")
    report = validate_workspace(root)
    (found,) = [found for found in report.findings if found.constraint.id == "issuer-required"]
    assert found.location is not None
    assert found.location.line is not None
    assert text.splitlines()[found.location.line - 1].startswith("instrument:act ")


def test_a_statement_without_a_name_is_called_by_what_it_joins(tmp_path: Path) -> None:
    root = workspace(tmp_path)
    text = GOOD.read_text("utf-8").replace('k:fromKind "accession"', 'k:fromKind "guess"')
    (root / "data/world.ttl").write_text(text, encoding="utf-8")
    (found,) = validate_workspace(root).findings
    assert found.focus_label.ja == "甲国、連盟、加盟"
    assert found.focus_label.en == "Aland, League, member"


def test_warnings_and_notes_do_not_block(tmp_path: Path) -> None:
    root = workspace(tmp_path)
    line = " ;\n    k:textAddress <https://treaties.example/protocol> ."
    text = without(GOOD.read_text("utf-8"), line, " .")
    (root / "data/world.ttl").write_text(text, encoding="utf-8")
    report = validate_workspace(root)
    assert [found.constraint.id for found in report.findings] == ["textAddress-wanted"]
    assert report.counts() == {Severity.VIOLATION: 0, Severity.WARNING: 0, Severity.INFO: 1}
    assert report.exit_code == 0


def test_violations_come_first(tmp_path: Path) -> None:
    debt = """@prefix k: <https://w3id.org/kizuna/ns#> .
<https://w3id.org/kizuna/id/event/x> a k:LifeCycleEvent ;
    k:eventOf <https://w3id.org/kizuna/id/agreement/charter> ;
    k:eventKind <https://w3id.org/kizuna/id/event-kind/approved> ;
    k:date "2000-02-02"^^<http://www.w3.org/2001/XMLSchema#date> ;
    k:verification <https://w3id.org/kizuna/id/verification/general-knowledge> .
"""
    report = validate_workspace(workspace(tmp_path, debt=debt))
    assert [found.constraint.id for found in report.findings] == [
        "precision-required",
        "approved-has-party",
        "debt",
    ]


def test_both_engines_find_the_same_in_a_workspace(tmp_path: Path) -> None:
    root = workspace(tmp_path, strange=STRANGER)
    fast, authority = validate_workspace(root), validate_workspace(root, engine="pyshacl")
    assert fast.findings == authority.findings
    assert (fast.engine, authority.engine) == ("turbo", "pyshacl")


def test_an_empty_workspace_is_clean(tmp_path: Path) -> None:
    report = validate_workspace(tmp_path)
    assert (report.findings, report.constraints, report.exit_code) == ((), (), 0)


def test_a_file_that_does_not_parse_is_an_error_with_its_line(tmp_path: Path) -> None:
    root = workspace(tmp_path, bad="@prefix k: <https://w3id.org/kizuna/ns#> .\nk:a k:b\n")
    with pytest.raises(WorkspaceError) as caught:
        validate_workspace(root)
    assert caught.value.path.name == "bad.ttl"
    assert caught.value.line is not None


def test_a_blank_node_among_the_facts_is_reported(tmp_path: Path) -> None:
    text = """@prefix k: <https://w3id.org/kizuna/ns#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
[] a k:Company ; skos:prefLabel "無名"@ja , "Nameless"@en ; k:seat <https://w3id.org/kizuna/id/state/AAA> .
"""
    (found,) = validate_workspace(workspace(tmp_path, nameless=text)).findings
    assert found.constraint.id == "company-iri"
    assert found.focus_label.en == "unnamed node"


def test_the_workspace_that_this_repository_is_can_be_validated_in_seconds() -> None:
    report = validate_workspace(REPOSITORY)
    assert report.constraints
    assert report.seconds < 60  # typically a few; a shared machine may be slow
    assert all(found.location is not None for found in report.findings)

"""The commands do what their help says, on a small workspace, with the exit codes it names."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from kizuna.cli import COMMANDS, main
from kizuna.commands.query import as_table

DATA = """
@prefix k: <https://w3id.org/kizuna/ns#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix state: <https://w3id.org/kizuna/id/state/> .
state:AAA a k:State ; k:iso3 "AAA" ; skos:prefLabel "あ国"@ja , "Aland"@en .
state:BBB a k:State ; k:iso3 "BBB" ; skos:prefLabel "い国"@ja , "Bland"@en .
"""
QUERY = """# title@en: Names
# title@ja: 名称
# description@en: Names of states.
# description@ja: 国の名称。
# group: names
# param: lang language en
# param-label@en: lang Language
# param-label@ja: lang 言語
PREFIX k: <https://w3id.org/kizuna/ns#>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
SELECT ?state ?name WHERE { ?state a k:State ; skos:prefLabel ?name FILTER(LANG(?name) = ?lang) } ORDER BY ?name
"""


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    for room in ("ontology", "data", "shapes", "queries"):
        (tmp_path / room).mkdir()
    (tmp_path / "data/states.ttl").write_text(DATA, encoding="utf-8")
    (tmp_path / "queries/names.rq").write_text(QUERY, encoding="utf-8")
    return tmp_path


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments], catch_exceptions=False)


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_every_command_has_help_with_examples_or_subcommands(command: str) -> None:
    result = run(command, "--help")
    assert result.exit_code == 0
    assert "Examples:" in result.output or "Commands:" in result.output


def test_a_library_query_answers_as_table_csv_and_json(workspace: Path) -> None:
    table = run("query", "names", "-w", workspace, "-l", "ja")
    assert table.output.splitlines() == [
        "state      name",
        "---------  ----",
        "state:AAA  あ国",
        "state:BBB  い国",
    ]
    csv = run("query", "names", "-w", workspace, "-p", "lang=en", "-f", "csv").output
    assert csv.splitlines()[0] == "state,name"
    found = json.loads(run("query", "names", "-w", workspace, "-p", "lang=en", "-f", "json").output)
    assert [row["name"]["value"] for row in found["results"]["bindings"]] == ["Aland", "Bland"]


def test_a_file_a_text_and_standard_input_are_queries_too(workspace: Path, tmp_path: Path) -> None:
    assert run("query", "ASK { state:AAA a k:State }", "-w", workspace).output == "true\n"
    file = tmp_path / "own.rq"
    file.write_text("ASK { <urn:x> ?p ?o }", encoding="utf-8")
    assert run("query", file, "-w", workspace).output == "false\n"
    piped = CliRunner().invoke(main, ["query", "-", "-w", str(workspace)], input="ASK { ?s ?p ?o }")
    assert piped.output == "true\n"


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["query", "nothing"], 1, "no query 'nothing'"),
        (["query", "SELECT { ?x"], 1, "1:"),
        (["query", "names", "-p", "lang=fr"], 1, "'fr' is not 'ja' or 'en'"),
        (["query", "names", "-p", "colour=red"], 1, "no parameter 'colour'"),
        (["query", "names", "-p", "lang"], 2, "NAME=VALUE"),
    ],
)
def test_wrong_questions_are_answered_with_a_sentence(
    workspace: Path, arguments: list[str], code: int, said: str
) -> None:
    result = run(*arguments, "-w", workspace, "-l", "en")
    assert result.exit_code == code
    assert said in result.output


@pytest.mark.parametrize("command", [["query", "names"], ["infer"], ["export"]])
def test_a_file_that_does_not_parse_is_named_with_its_line(workspace: Path, command: list[str]) -> None:
    (workspace / "data/bad.ttl").write_text("<urn:x> a <urn:y> .\n<oops .\n", encoding="utf-8")
    result = run(*command, "-w", workspace)
    assert result.exit_code == 2
    assert "bad.ttl:2" in result.output


def test_import_writes_turtle_only_when_all_is_well(workspace: Path, tmp_path: Path) -> None:
    header = "framework,actor,role,from,to,from_kind,sources,note_ja,note_en\n"
    table = tmp_path / "participations.csv"
    table.write_text(header + "f,ZZZ,member,2001,,,,,\n", encoding="utf-8")
    wrong = run("import", table, "--into", "new", "-w", workspace, "-l", "en")
    assert (wrong.exit_code, (workspace / "data/new").exists()) == (1, False)
    assert "participations:2 [actor]" in wrong.output
    table.write_text(header + "f,AAA,member,2001,,,,,\n", encoding="utf-8")
    assert run("import", table, "--into", "new", "-w", workspace).exit_code == 0
    assert "k:Participation" in (workspace / "data/new/participations.ttl").read_text(encoding="utf-8")


def test_export_gives_every_quad_and_a_folder_that_reads_back(workspace: Path, tmp_path: Path) -> None:
    lines = run("export", "-w", workspace).output.splitlines()
    assert len(lines) == 8
    assert all("/graph/data/states>" in line for line in lines)
    run("export", "--to", tmp_path / "out", "-w", workspace)
    assert "state:AAA" in (tmp_path / "out/states.ttl").read_text(encoding="utf-8")


def test_full_width_text_lines_up() -> None:
    row = {"a": {"type": "literal", "value": "日本"}, "b": {"type": "literal", "value": "x"}}
    lines = as_table({"head": {"vars": ["a", "b"]}, "results": {"bindings": [row]}}).splitlines()
    assert lines == ["a     b", "----  -", "日本  x"]

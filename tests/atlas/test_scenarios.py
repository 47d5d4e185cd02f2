"""Scenarios are files with a header; they stack, they commute where they do not touch, and none changes the record."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import NamedNode, Quad, Store

from kizuna.atlas.scenarios import (
    ScenarioError,
    load,
    parse_scenario,
    patches_of,
    pinned,
    read_scenario,
    scenarios_of,
    split_names,
)
from kizuna.views.build import build_view
from kizuna.views.diff import difference
from kizuna.views.patch import apply_patch
from kizuna.workspace.load import load_store
from tests.support.world import ROOT, make_workspace

DAY = date(2028, 7, 1)
THINGS = [NamedNode(f"https://w3id.org/kizuna/id/state/{name}") for name in ("AAA", "BBB", "CCC")]
QUADS = st.builds(
    Quad,
    st.sampled_from(THINGS),
    st.sampled_from([NamedNode(f"https://w3id.org/kizuna/ns#p{n}") for n in range(3)]),
    st.sampled_from(THINGS),
    st.sampled_from([NamedNode(f"https://w3id.org/kizuna/graph/data/g{n}") for n in range(2)]),
)


def test_the_examples_have_names_in_both_languages_and_a_day() -> None:
    found = scenarios_of(ROOT)
    assert {each.name for each in found} >= {"eu-in-cptpp", "raa-with-france"}
    assert all(
        each.title.ja and each.title.en and each.description.ja and each.description.en and each.day
        for each in found
    )


def patch_of(removed: set[Quad], added: set[Quad]) -> bytes:
    lines = [f"D {quad} ." for quad in removed] + [f"A {quad} ." for quad in added]
    return "\n".join(sorted(lines, reverse=True)).encode()


def laid(start: set[Quad], *patches: bytes) -> set[Quad]:
    store = Store()
    store.extend(start)
    for patch in patches:
        apply_patch(store, patch)
    return set(store)


@given(st.sets(QUADS), st.sets(QUADS), st.sets(QUADS), st.sets(QUADS), st.sets(QUADS))
def test_patches_that_touch_different_quads_commute(
    start: set[Quad], gone: set[Quad], come: set[Quad], other_gone: set[Quad], other_come: set[Quad]
) -> None:
    touched = gone | come
    one = patch_of(gone - come, come)
    two = patch_of(other_gone - other_come - touched, other_come - touched)
    assert laid(start, one, two) == laid(start, two, one)


def test_the_examples_commute_as_whole_views(tmp_path: Path) -> None:
    workspace = make_workspace(tmp_path)
    names = ("eu-in-cptpp", "raa-with-france")
    views = []
    for order in (names, names[::-1]):
        store = load_store(workspace).store
        build_view(store, DAY, patches_of(workspace, order))
        views.append(store)
    assert len(difference(*views)) == 0


def test_a_view_without_a_scenario_is_unchanged_by_there_being_some(tmp_path: Path) -> None:
    workspace = make_workspace(tmp_path)
    with_files = load_store(workspace).store
    for file in (workspace / "scenarios").iterdir():
        file.unlink()
    without = load_store(workspace).store
    for store in (with_files, without):
        build_view(store, DAY)
    assert len(difference(with_files, without)) == 0


def test_a_name_for_the_engine_says_its_content(tmp_path: Path) -> None:
    folder = tmp_path / "scenarios"
    folder.mkdir()
    file = folder / "a.patch"
    file.write_text("A <a:a> <a:b> <a:c> <a:g> .\n")
    name = pinned(tmp_path, "a")
    assert name == pinned(tmp_path, "file:a")
    assert load(tmp_path, name).startswith(b"A <a:a>")
    file.write_text("A <a:a> <a:b> <a:d> <a:g> .\n")
    assert pinned(tmp_path, "a") != name
    with pytest.raises(ScenarioError, match="another content"):
        load(tmp_path, name)


@pytest.mark.parametrize("name", ["", "..", "../a", "a/b", "A", "a.patch", "proposal-9", "a\n"])
def test_only_plain_names_of_files_are_looked_up(tmp_path: Path, name: str) -> None:
    (tmp_path / "scenarios").mkdir()
    (tmp_path / "a.patch").write_text("")
    with pytest.raises(LookupError):
        pinned(tmp_path, name)


def test_a_link_out_of_the_folder_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "scenarios").mkdir()
    (tmp_path / "secret.txt").write_text("A <a:a> <a:b> <a:c> <a:g> .\n")
    (tmp_path / "scenarios/leak.patch").symlink_to(tmp_path / "secret.txt")
    with pytest.raises(ScenarioError):
        read_scenario(tmp_path, "leak")


@pytest.mark.parametrize(
    "content",
    [
        b"A <a:a> <a:b> <a:c> .",
        b"X",
        b"# asof: someday\n",
        b"\xff",
        b"A <a:a> <a:b> <a:c> <https://w3id.org/kizuna/graph/derived> .",
    ],
)
def test_a_file_that_is_no_scenario_is_refused_with_its_name(content: bytes) -> None:
    with pytest.raises(ScenarioError, match=r"scenarios/x\.patch"):
        parse_scenario("x", content)


def test_names_are_stacked_once_each_and_not_without_end() -> None:
    assert split_names("a, b,,a") == ("a", "b")
    with pytest.raises(ScenarioError):
        split_names("a,b,c,d,e")

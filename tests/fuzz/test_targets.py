"""What strangers send breaks no reader: Hypothesis takes real examples apart and puts them together anew."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fuzz.targets import SEEDS, TARGETS

ROOT = Path(__file__).parents[2]

PIECES = [
    b"", b"\0", b"\n", b"\r", b" ", b"\\", b'"', b"'", b"<", b">", b"{", b"}", b"(", b")", b"[", b"]", b"@", b"^^", b"_:", b"#",
    b"%", b"&", b"=", b";", b",", b"?", b"\\u", b"\\uD800", b"\\U0010FFFF", b"\xe2\x80\xa8", b"\xed\xa0\x80", b"\xff\xfe",
    b"<!DOCTYPE a [<!ENTITY b 'c'>]>", b"{" * 300, b"(" * 300, b"[" * 300, b"1e999999", b"-0", b"9" * 400, b"@context", b"q=",
]  # fmt: skip


@st.composite
def near(draw: st.DrawFn, name: str) -> bytes:
    """An example of the target with a few places replaced, doubled or cut."""
    found = draw(st.sampled_from(SEEDS[name]))
    for _ in range(draw(st.integers(0, 4))):
        begin = draw(st.integers(0, len(found)))
        end = draw(st.integers(begin, min(len(found), begin + 12)))
        kept = found[begin:end] if draw(st.booleans()) else b""
        found = found[:begin] + draw(st.sampled_from(PIECES) | st.binary(max_size=6)) + kept + found[end:]
    return found


@pytest.mark.parametrize("name", TARGETS)
def test_examples_are_read_or_refused(name: str) -> None:
    for seed in SEEDS[name]:
        TARGETS[name](seed)


@pytest.mark.parametrize("name", TARGETS)
def test_what_is_near_an_example_is_read_or_refused(name: str) -> None:
    @settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
    @given(near(name))
    def check(data: bytes) -> None:
        TARGETS[name](data)

    check()


@pytest.mark.parametrize("name", TARGETS)
def test_anything_at_all_is_read_or_refused(name: str) -> None:
    @settings(max_examples=100, deadline=None)
    @given(st.binary(max_size=300))
    def check(data: bytes) -> None:
        TARGETS[name](data)

    check()


@pytest.mark.slow
def test_the_fuzzer_starts_and_finds_nothing_in_a_moment(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.fuzz"]
    environment = {**os.environ, "PYTHONPATH": f"{ROOT}:{ROOT / 'server'}"}
    done = subprocess.run(
        [*command, "patch", "--seconds", "2"], cwd=tmp_path, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert "found something: nothing" in done.stdout
    assert (
        subprocess.run([*command, "none"], cwd=tmp_path, env=environment, capture_output=True).returncode == 2
    )

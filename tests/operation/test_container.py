"""The container file builds and serves, step by step, without a container engine; and the air-gapped way of the docs does as well.

Both take their libraries from a folder of wheels and ask nobody.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from deploy.steps import FILE, Stage, build, instructions

from tests.operation.test_watching import fetch
from tests.support.waiting import PATIENCE
from tests.support.world import ROOT


@pytest.fixture(scope="module")
def image(wheels: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    folder = tmp_path_factory.mktemp("image")
    yield build(folder / "built", wheels)
    shutil.rmtree(folder)


@contextmanager
def serving(
    command: list[str], folder: Path, **environment: str
) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """A server with no program on its path but its own; gives its process and port."""
    process = subprocess.Popen(
        command, cwd=folder, stdout=subprocess.PIPE, text=True,
        env={"PATH": str(Path(command[0]).parent), "HOME": str(folder), "LANG": "C.UTF-8", **environment},
    )  # fmt: skip
    assert process.stdout is not None
    try:
        yield process, int(process.stdout.readline().split("127.0.0.1:")[1].split("/")[0])
    finally:
        process.terminate()
        process.communicate(timeout=PATIENCE)


def pages_have_their_styles(port: int) -> None:
    page = fetch(port, "/actors/state/JPN?lang=ja")
    assert "日本" in page
    (sheet, *_) = re.findall(r'href="(/static/build/[^"]+\.css)"', page)
    assert len(fetch(port, sheet)) > 1_000


@pytest.mark.slow
def test_the_image_serves_as_it_is_started(image: Stage) -> None:
    command = [str(image.place(image.entrypoint[0])), *image.entrypoint[1:], *image.command]
    environment = {**image.environment, "KIZUNA_PORT": "0"}
    assert image.user == "10001"
    with serving(command, image.place(""), **environment) as (process, port):
        pages_have_their_styles(port)
        (check,) = [rest for word, rest in instructions(FILE.read_text("utf-8")) if word == "HEALTHCHECK"]
        python, *rest = json.loads(check.split(" CMD ")[1])
        asked = [str(image.place(python)), *(word.replace(":8000", f":{port}") for word in rest)]
        assert subprocess.run(asked, check=False).returncode == 0
        assert (
            subprocess.run(
                [*asked[:-1], asked[-1].replace("ready", "none")], check=False, stderr=subprocess.DEVNULL
            ).returncode
            != 0
        )
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE) == 0


@pytest.mark.slow
def test_the_image_holds_no_tool_of_the_build(image: Stage) -> None:
    held = {path.name.partition("-")[0].lower() for path in image.root.rglob("*.dist-info")}
    assert {"kizuna", "flask", "pyoxigraph"} <= held
    assert not {"hatchling", "pytest"} & held
    assert not list(image.root.rglob("node_modules"))


def test_the_linter_of_container_files_has_nothing_to_say() -> None:
    found = subprocess.run(
        [str(Path(sys.executable).parent / "hadolint"), "--no-color", "deploy/Containerfile"],
        cwd=ROOT, capture_output=True, text=True,
    )  # fmt: skip
    assert (found.stdout, found.returncode) == ("", 0)


def test_the_image_names_its_versions_runs_as_nobody_special_and_carries_no_secret() -> None:
    held = list(instructions(FILE.read_text("utf-8")))
    bases = [rest.split()[0] for word, rest in held if word == "FROM"]
    assert bases
    assert all(re.fullmatch(r"docker\.io/library/(python:3\.\d+|node:\d+)-[\w-]+", base) for base in bases)
    last = held[max(place for place, (word, _) in enumerate(held) if word == "FROM") :]
    (user,) = [rest for word, rest in last if word == "USER"]
    assert int(user.split(":")[0]) > 0  # by number: an engine can see that it is not root
    assert len([word for word, _ in last if word == "HEALTHCHECK"]) == 1
    assert [
        rest
        for word, rest in held
        if word == "ADD" or re.search(r"(?i)password|secret|token|--no-verify", rest)
    ] == []
    assert all(
        "--require-hashes" in rest or "--no-deps" in rest
        for word, rest in held
        if word == "RUN" and "pip" in rest
    )


def blocks(section: str) -> list[str]:
    """The commands of a section of docs/install.md, block by block."""
    text = (ROOT / "docs" / "install.md").read_text("utf-8").split(f"\n## {section}\n")[1].split("\n## ")[0]
    found = re.findall(r"(?:^    .+\n)+", text, re.MULTILINE)
    return [re.sub(r"(?m)^    ", "", block) for block in found]


@pytest.mark.slow
def test_the_air_gapped_way_of_the_docs_ends_in_a_running_server(
    wheels: Path, image: Stage, tmp_path: Path
) -> None:
    download, install = blocks("Without internet")
    command, gather, sums = download.splitlines()
    assert command == "pip download --require-hashes --only-binary=:all: -r requirements.lock -d wheels"
    shutil.copytree(wheels, tmp_path / "wheels")
    (tmp_path / "dist").mkdir()
    (built,) = (image.root.parent / "build" / "wheel").glob("*.whl")
    shutil.copy2(built, tmp_path / "dist")
    shutil.copy2(ROOT / "requirements.lock", tmp_path)
    target = tmp_path / "opt"
    offline = {
        "PATH": f"{image.root.parent / 'bin'}:/usr/bin:/bin", "HOME": str(tmp_path), "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "http_proxy": "http://127.0.0.1:9", "https_proxy": "http://127.0.0.1:9",
    }  # fmt: skip
    script = (
        "\n".join([gather, sums, install]).replace("/opt/kizuna", str(target)).replace("python3 ", "python ")
    )
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script], cwd=tmp_path, env=offline, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    (tmp_path / "empty").mkdir()
    kizuna = str(target / "bin" / "kizuna")
    checked = subprocess.run(
        [kizuna, "doctor", "-l", "en"],
        cwd=tmp_path / "empty",
        env={**os.environ, "KIZUNA_PORT": "0"},
        capture_output=True,
        text=True,
    )
    assert checked.returncode == 0, checked.stdout
    with serving([kizuna, "serve", "--port", "0"], tmp_path / "empty") as (_, port):
        pages_have_their_styles(port)

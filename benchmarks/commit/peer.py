"""RDF4J's transactional SHACL gate, to compare with: fetched by Maven into a temporary folder and run by `java`."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

VERSION = "5.1.0"
JARS = ("rdf4j-shacl", "rdf4j-sail-memory", "rdf4j-repository-sail", "rdf4j-rio-nquads", "rdf4j-rio-turtle")
PLUGIN = "org.apache.maven.plugins:maven-dependency-plugin:3.6.1:build-classpath"
PROGRAM = Path(__file__).with_name("Peer.java")
FOR_PEOPLE = (b"shacl#name>", b"shacl#message>", b"shapes#fix>")
"""Left out of the shapes: RDF4J takes a node shape that has a name for a property shape, and refuses it."""


class NoPeerError(Exception):
    """The peer cannot be run here; the message says why."""


@dataclass(frozen=True, slots=True)
class Peer:
    """What the peer took, in seconds: a changed label committed through its gate, and checking everything once (None: not asked).

    `processor` is processor time a commit, all threads together.
    """

    p50: float
    p95: float
    processor: float
    full: float | None


def class_path(folder: Path) -> str:
    """The jars, fetched by Maven.

    Raises:
        NoPeerError: there is no Java or Maven, or nothing can be fetched.
    """
    if not (shutil.which("java") and shutil.which("mvn")):
        raise NoPeerError("Java 17 (a JDK) and Maven are needed.")
    jars = "".join(
        f"<dependency><groupId>org.eclipse.rdf4j</groupId><artifactId>{jar}</artifactId><version>{VERSION}</version></dependency>"
        for jar in JARS
    )
    (folder / "pom.xml").write_text(
        '<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>'
        f"<groupId>peer</groupId><artifactId>peer</artifactId><version>1</version><dependencies>{jars}</dependencies></project>"
    )
    done = subprocess.run(
        ["mvn", "-q", "-B", PLUGIN, "-Dmdep.outputFile=jars.txt"],
        cwd=folder, capture_output=True, text=True, timeout=600, check=False,
    )  # fmt: skip
    if done.returncode:
        raise NoPeerError(f"Maven cannot fetch RDF4J: {done.stdout[-300:]}")
    return (folder / "jars.txt").read_text()


def measure(data: bytes, shapes: bytes, thing: str, full: bool) -> Peer:
    """Run the peer.

    Args:
        data: N-Quads, without the shapes.
        shapes: N-Triples.
        thing: IRI of a thing with an English name, which is changed.
        full: check everything, too.

    Raises:
        NoPeerError: it cannot be run.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        jars = class_path(folder)
        (folder / "data.nq").write_bytes(data)
        kept = [line for line in shapes.splitlines(True) if not any(mark in line for mark in FOR_PEOPLE)]
        (folder / "shapes.ttl").write_bytes(b"".join(kept))
        done = subprocess.run(
            ["java", "-Xmx6g", "-cp", jars, str(PROGRAM), "data.nq", "shapes.ttl", thing, *(["full"] if full else [])],
            cwd=folder, capture_output=True, text=True, timeout=1500, check=False,
        )  # fmt: skip
    said = dict(line.split(" ", 1) for line in done.stdout.splitlines() if " " in line)
    if done.returncode or said.get("refuses") != "true":
        raise NoPeerError(f"RDF4J does not run, or refuses nothing: {done.stderr[-300:]}")
    return Peer(
        float(said["p50"]),
        float(said["p95"]),
        float(said["processor"]),
        float(said["full"]) if full else None,
    )

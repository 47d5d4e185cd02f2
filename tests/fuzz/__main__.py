"""Coverage-guided fuzzing of the targets with atheris, each in a process of its own.

    python -m tests.fuzz --seconds 60                all targets
    python -m tests.fuzz protocol patch --seconds 5  some

Exit codes: 0 nothing found, 1 something was found (the input is written to fuzz-findings/), 2 there is no such target.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

FINDINGS = Path("fuzz-findings")


def fuzz(name: str, seconds: int) -> None:
    """Fuzz one target in this process; does not return. Only the product is watched for new paths, so imports come late."""
    import atheris

    with atheris.instrument_imports(include=["kizuna"]):
        from tests.fuzz.targets import SEEDS, TARGETS

    with tempfile.TemporaryDirectory() as folder:
        for number, seed in enumerate(SEEDS[name]):
            (Path(folder) / str(number)).write_bytes(seed)
        FINDINGS.mkdir(exist_ok=True)
        limits = [f"-max_total_time={seconds}", "-rss_limit_mb=4096", "-timeout=20", "-max_len=4096"]
        atheris.Setup(
            [name, *limits, "-verbosity=0", f"-artifact_prefix={FINDINGS}/{name}-", folder], TARGETS[name]
        )
        atheris.Fuzz()


def main() -> int:
    """Fuzz the targets that are named, or all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("targets", nargs="*")
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.here:
        fuzz(options.targets[0], options.seconds)
    from tests.fuzz.targets import TARGETS

    unknown = set(options.targets) - set(TARGETS)
    if unknown:
        print(f"no such target: {', '.join(unknown)}; there are: {', '.join(TARGETS)}", file=sys.stderr)
        return 2
    failed = []
    for name in options.targets or TARGETS:
        print(f"{name} …", flush=True)
        command = [sys.executable, "-m", "tests.fuzz", name, "--here", "--seconds", str(options.seconds)]
        if subprocess.run(command, check=False).returncode:
            failed.append(name)
    print(f"found something: {', '.join(failed) or 'nothing'}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

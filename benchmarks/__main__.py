"""List and run benchmarks.

python -m benchmarks                      run all
python -m benchmarks --list               name all
python -m benchmarks engine.overhead …    run the named ones
python -m benchmarks views                run all of a folder
python -m benchmarks soak --minutes 30    options follow the benchmark that they are for (as KIZUNA_SOAK_MINUTES)
"""

from __future__ import annotations

import importlib
import os
import sys
from pathlib import Path

HERE = Path(__file__).parent
FUNCTIONS = ("run", "main")


def benchmarks() -> dict[str, str]:
    """Name and first line of the docstring of every module that has a function `run` (or `main`) to call.

    A folder with a `__main__.py` has a name of its own.
    """
    found = {}
    for path in sorted([*HERE.rglob("[a-z]*.py"), *HERE.glob("*/__main__.py")]):
        text = path.read_text(encoding="utf-8")
        if any(f"\ndef {function}() -> None:" in text for function in FUNCTIONS):
            name = ".".join(path.relative_to(HERE).with_suffix("").parts).removesuffix(".__main__")
            found[name] = text.removeprefix('"""').splitlines()[0].strip('"')
    return found


def options(arguments: list[str]) -> list[str]:
    """Put options into the environment, as their benchmark reads them; returns the benchmarks' names.

    Raises:
        SystemExit: an option without a value, or without a benchmark before it.
    """
    names: list[str] = []
    given = iter(arguments)
    for word in given:
        if not word.startswith("--"):
            names.append(word)
            continue
        value = next(given, None)
        if not names or value is None:
            raise SystemExit(f"{word} needs a value after it and a benchmark before it.")
        owner = names[-1].rpartition(".")[2]
        os.environ[f"KIZUNA_{owner}_{word.removeprefix('--').replace('-', '_')}".upper()] = value
    return names


def main(arguments: list[str]) -> int:
    known = benchmarks()
    if "--list" in arguments or "--help" in arguments:
        for name, title in known.items():
            print(f"{name:30} {title}")
        return 0
    arguments = [
        name
        for word in options(arguments)
        for name in ([one for one in known if one.startswith(f"{word}.")] if word not in known else [word])
        or [word]
    ]
    unknown = [name for name in arguments if name not in known]
    if unknown:
        print(f"No such benchmark: {', '.join(unknown)}. Known: {', '.join(known)}", file=sys.stderr)
        return 2
    for name in arguments or known:
        print(f"## {name}: {known[name]}", flush=True)
        inner = ".__main__" if (HERE / name / "__main__.py").exists() else ""
        module = importlib.import_module(f"benchmarks.{name}{inner}")
        next(getattr(module, function) for function in FUNCTIONS if hasattr(module, function))()
        print(flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

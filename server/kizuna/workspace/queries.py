"""The query library: one `.rq` file a query, its title, description and parameters in its header.

Header lines are comments at the head of the file, `# key: value`:

    # title@en: Agreements between two actors
    # title@ja: 二者の間の協定
    # description@en: What it answers, in a sentence or two.
    # description@ja: …
    # group: agreements
    # param: a actor state:JPN
    # param-label@en: a One of the two
    # param-label@ja: a 一方の主体
    # param: on date today

A parameter is a variable of the query; its value is substituted as a term, never as text. Reads files only.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

from pyoxigraph import Literal, NamedNode

from kizuna.workspace.names import NS, PREFIXES, XSD

THING_TYPES: Final = frozenset(
    {"actor", "framework", "agreement", "activity", "instrument", "recommendation", "domain", "thing", "kind"}
)
PARAMETER_TYPES: Final = THING_TYPES | {"date", "integer", "language", "text", "role"}

_LINE: Final = re.compile(r"# ([a-z-]+)(?:@(ja|en))?:\s*(.*)\Z")
_PREFIXED: Final = re.compile(r"([a-z][a-z-]*):([A-Za-z0-9_][A-Za-z0-9_.-]*)\Z")
_IRI: Final = re.compile(r'https?://[^\s<>"{}|\\^`]+\Z')


class QueryFileError(ValueError):
    """A file of the library breaks the header format."""


class ParameterError(ValueError):
    """A value does not fit its parameter. Has the message in ja and en."""

    def __init__(self, name: str, ja: str, en: str) -> None:
        super().__init__(en)
        self.name = name
        self.ja = ja
        self.en = en


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of a query.

    Args:
        name: the variable, without question mark.
        type: one of PARAMETER_TYPES.
        default: text of the default, "" when a value must be given.
        label_ja: what to ask for, in Japanese.
        label_en: the same in English.
    """

    name: str
    type: str
    default: str
    label_ja: str
    label_en: str

    def term(self, text: str | None, today: date) -> NamedNode | Literal:
        """The term for a value as text; the default when the value is None or empty.

        Raises:
            ParameterError: no value and no default, or the text does not fit the type.
        """
        value = (text or "").strip() or self.default
        if not value:
            raise ParameterError(self.name, f"{self.name} の値が必要です。", f"'{self.name}' needs a value.")
        if self.type in THING_TYPES or self.type == "role":
            return self._thing(value)
        if self.type == "date":
            return self._date(value, today)
        if self.type == "integer":
            if not re.fullmatch(r"-?\d{1,18}", value):
                raise self._wrong(value, "整数", "a whole number")
            return Literal(value, datatype=NamedNode(XSD + "integer"))
        if self.type == "language" and value not in ("ja", "en"):
            raise self._wrong(value, "ja か en", "'ja' or 'en'")
        return Literal(value)

    def _thing(self, value: str) -> NamedNode:
        if match := _PREFIXED.match(value):
            if match[1] in PREFIXES:
                return NamedNode(PREFIXES[match[1]] + match[2])
        elif _IRI.match(value):
            return NamedNode(value)
        raise self._wrong(
            value,
            "IRI または接頭辞付きの名前（例: state:XXX）",
            "an IRI or a prefixed name (such as state:XXX)",
        )

    def _date(self, value: str, today: date) -> Literal:
        try:
            day = today if value == "today" else date.fromisoformat(value)
        except ValueError:
            raise self._wrong(value, "日付（YYYY-MM-DD）", "a date (YYYY-MM-DD)") from None
        return Literal(day.isoformat(), datatype=NamedNode(XSD + "date"))

    def _wrong(self, value: str, ja: str, en: str) -> ParameterError:
        return ParameterError(self.name, f"「{value}」は{ja}ではありません。", f"'{value}' is not {en}.")


@dataclass(frozen=True, slots=True)
class LibraryQuery:
    """A query of the library.

    Args:
        name: file name without suffix, path below `queries/` with slashes.
        title_ja: title in Japanese.
        title_en: title in English.
        description_ja: what it answers.
        description_en: the same in English.
        group: heading it is listed under.
        parameters: in the order of the header.
        text: the whole text, header included.
    """

    name: str
    title_ja: str
    title_en: str
    description_ja: str
    description_en: str
    group: str
    parameters: tuple[Parameter, ...]
    text: str

    def bindings(self, values: dict[str, str], today: date) -> dict[str, NamedNode | Literal]:
        """Terms for the parameters.

        Raises:
            ParameterError: a value is missing, does not fit, or is for no parameter of this query.
        """
        known = {parameter.name for parameter in self.parameters}
        for name in values:
            if name not in known:
                raise ParameterError(
                    name,
                    f"この問い合わせに {name} という引数はありません（{', '.join(sorted(known)) or 'なし'}）。",
                    f"This query has no parameter '{name}' (it has: {', '.join(sorted(known)) or 'none'}).",
                )
        return {
            parameter.name: parameter.term(values.get(parameter.name), today) for parameter in self.parameters
        }


def with_prefixes(text: str) -> str:
    """Put the product's prefix declarations that a text uses but does not declare before it."""
    declared = set(re.findall(r"(?im)^\s*PREFIX\s+([a-z][a-z-]*):", text))
    plain = re.sub(r"<[^<>\s]*>|\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'", "", text)
    used = set(re.findall(r"(?<![\w:-])([a-z][a-z-]*):(?=[A-Za-z0-9_])", plain))
    missing = sorted((used - declared) & set(PREFIXES))
    return "".join(f"PREFIX {name}: <{PREFIXES[name]}>\n" for name in missing) + text


def parse_query(name: str, text: str) -> LibraryQuery:
    """Parse one file of the library.

    Raises:
        QueryFileError: a title or description is missing, or a header line is wrong.
    """
    words: dict[str, str] = {}
    parameters: list[tuple[str, str, str]] = []
    for line in text.splitlines():
        if not line.startswith("#"):
            break
        if not (match := _LINE.match(line)):
            continue
        key, language, value = match[1], match[2], match[3]
        if key == "param":
            parts = value.split(maxsplit=2)
            if len(parts) < 2 or parts[1] not in PARAMETER_TYPES:
                raise QueryFileError(f"{name}: 'param: {value}' should be NAME TYPE [DEFAULT].")
            parameters.append((parts[0], parts[1], parts[2] if len(parts) > 2 else ""))
        elif key == "param-label":
            variable, _, label = value.partition(" ")
            words[f"label {variable}@{language}"] = label
        else:
            words[f"{key}@{language}" if language else key] = value
    needed = ["title@ja", "title@en", "description@ja", "description@en", "group"]
    needed += [f"label {variable}@{tag}" for variable, _, _ in parameters for tag in ("ja", "en")]
    if missing := [key for key in needed if not words.get(key)]:
        raise QueryFileError(f"{name}: the header has no {missing[0]}.")
    return LibraryQuery(
        name=name,
        title_ja=words["title@ja"],
        title_en=words["title@en"],
        description_ja=words["description@ja"],
        description_en=words["description@en"],
        group=words["group"],
        parameters=tuple(
            Parameter(
                variable,
                kind,
                NS + default[2:] if kind == "kind" and default.startswith("k:") else default,
                words[f"label {variable}@ja"],
                words[f"label {variable}@en"],
            )
            for variable, kind, default in parameters
        ),
        text=text,
    )


def load_library(workspace: Path) -> dict[str, LibraryQuery]:
    """Read the library of a workspace, by name. A missing folder is an empty library.

    Raises:
        QueryFileError: a file breaks the header format.
    """
    folder = workspace / "queries"
    found = {}
    for path in sorted(folder.rglob("*.rq")):
        name = path.relative_to(folder).with_suffix("").as_posix()
        found[name] = parse_query(name, path.read_text(encoding="utf-8"))
    return found

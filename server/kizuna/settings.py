"""The product's settings: one frozen record, read from the environment and the command line. Reads only the
mapping it is given; touches no file.

Each setting's name, default and meaning stand here once; docs/settings.md repeats them and a test compares both.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from difflib import get_close_matches
from math import inf
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

LANGUAGES = ("ja", "en")
PREFIX = "KIZUNA_"
HIDDEN = "[hidden]"
_USER_INFO = re.compile(r"//[^\s'\"]*@")


class SettingsError(ValueError):
    """A setting has a value that cannot be used. The message names the setting and what is allowed.

    Args:
        en: the message; also the error's text.
        ja: the same in Japanese, where it is known.
    """

    def __init__(self, en: str, ja: str = "") -> None:
        super().__init__(en)
        self.ja = ja


class _UnusableError(ValueError):
    def __init__(self, en: str, ja: str) -> None:
        super().__init__(en)
        self.ja = ja


def masked(text: str) -> str:
    """A text whose addresses show no user and no password (RFC 3986, section 3.2.1); rather too much is hidden than too little."""
    return _USER_INFO.sub(f"//{HIDDEN}@", text)


def _path(text: str) -> Path:
    return Path(text).expanduser()


def _integer(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise _UnusableError("must be a whole number", "整数でなければなりません") from None


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise _UnusableError("must be a number", "数でなければなりません") from None


def _whole(text: str) -> int:
    number = _integer(text)
    if number < 0:
        raise _UnusableError("must not be negative", "負の数は使えません")
    return number


def _between(least: int, most: int | None = None) -> Callable[[str], int]:
    en = f"at least {least}" if most is None else f"between {least} and {most}"
    ja = f"{least} 以上" if most is None else f"{least} から {most} まで"

    def read(text: str) -> int:
        number = _integer(text)
        if number < least or (most is not None and number > most):
            raise _UnusableError(f"must be {en}", f"{ja}でなければなりません")
        return number

    return read


def _positive(text: str) -> float:
    number = _number(text)
    if not 0 < number < inf:
        raise _UnusableError("must be greater than zero, and a number", "0 より大きい数でなければなりません")
    return number


def _chosen(text: str, allowed: tuple[str, ...]) -> str:
    if text not in allowed:
        listed = ", ".join(allowed)
        raise _UnusableError(f"must be one of {listed}", f"次のどれかでなければなりません：{listed}")
    return text


def _language(text: str) -> str:
    return _chosen(text, LANGUAGES)


def _not_negative(text: str) -> float:
    number = _number(text)
    if not 0 <= number < inf:
        raise _UnusableError("must be a number that is not negative", "0 以上の数でなければなりません")
    return number


def _address(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise _UnusableError(
            "must be an address that begins with http:// or https://",
            "http:// または https:// で始まるアドレスでなければなりません",
        )
    if parts.username or parts.password:
        raise _UnusableError(
            "must hold no user or password; they have settings of their own",
            "利用者名とパスワードは入れられません（それぞれの設定があります）",
        )
    return text


def _addresses(text: str) -> str:
    for one in text.replace(",", " ").split():
        _address(one)
    return text


def _one_of(*allowed: str) -> Callable[[str], str]:
    return lambda text: _chosen(text, allowed)


def _switch(text: str) -> bool:
    if text.lower() not in ("1", "0", "true", "false", "on", "off", "yes", "no"):
        raise _UnusableError("must be on or off", "on または off でなければなりません")
    return text.lower() in ("1", "true", "on", "yes")


def _role(text: str) -> str:
    return _chosen(text, ("reader", "analyst", "steward"))


def _setting(default: object, read: Callable[[str], object], meaning: str) -> Any:
    return field(default=default, metadata={"read": read, "meaning": meaning})


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything an operator can choose. Field `x_y` is read from the variable `KIZUNA_X_Y`."""

    workspace: Path = _setting(
        Path(),
        _path,
        "Folder that holds ontology/, data/, shapes/ and queries/. Default: the current folder.",
    )
    ledger: str = _setting(
        "",
        str,
        "File of the ledger. Empty: ledger/kizuna.sqlite3 in the workspace.",
    )
    host: str = _setting("127.0.0.1", str, "Address to listen on.")
    port: int = _setting(8000, _between(0, 65_535), "Port to listen on; 0 takes any free port.")
    language: str = _setting(
        "ja", _language, "Language (ja or en) when neither ?lang= nor Accept-Language decides."
    )
    principal: str = _setting(
        "",
        str,
        "The actor the workspace is seen from, as KIND/SLUG or IRI. Empty: the workspace says (docs/pages.md).",
    )
    proxy_hops: int = _setting(
        0, _whole, "Number of trusted reverse proxies whose X-Forwarded-* headers are believed."
    )
    max_request_bytes: int = _setting(
        10_000_000, _between(1_000), "Largest request body accepted; larger ones are answered 413."
    )
    web_threads: int = _setting(64, _between(1), "Threads that answer HTTP requests in a web process.")
    web_processes: int = _setting(
        1, _between(1), "Web processes that answer HTTP requests and share one keeper."
    )
    workers: int = _setting(2, _between(1), "Query workers kept ready for the published view.")
    views: int = _setting(
        8, _between(1), "Views (as-of dates, scenarios) kept in memory beside the published one."
    )
    query_seconds: float = _setting(10.0, _positive, "Wall-clock limit of one query, in seconds.")
    query_rows: int = _setting(
        100_000, _whole, "Rows (or triples) of an answer after which it is cut and marked as truncated."
    )
    query_memory_bytes: int = _setting(
        1_500_000_000,
        _between(10_000_000),
        "Memory one query may add to what its worker was born with, in bytes.",
    )
    query_result_bytes: int = _setting(
        200_000_000, _whole, "Size of an answer, in bytes, after which it is cut and marked as truncated."
    )
    query_characters: int = _setting(
        200_000, _between(1), "Longest text of a query or update, in characters."
    )
    query_depth: int = _setting(200, _between(1), "Deepest nesting of brackets in a query or update.")
    query_wait_seconds: float = _setting(
        5.0, _positive, "How long a query waits for one of its client's places before it is answered 429."
    )
    client_queries: int = _setting(
        4, _between(1), "Queries of one client under way at once, in a web process; as many more may wait."
    )
    endpoint_queries: int = _setting(
        0,
        _whole,
        "Queries under way or waiting in a web process, of all clients; 0: all web threads but two.",
    )
    cache_bytes: int = _setting(
        64_000_000,
        _whole,
        "Memory for remembered answers of the endpoint, in a web process; 0 remembers none.",
    )
    services: str = _setting(
        "", _addresses, "Addresses that SERVICE may ask, separated by spaces. Empty: SERVICE is off."
    )
    engine: str = _setting(
        "embedded",
        _one_of("embedded", "sparql"),
        "Who answers questions about today: embedded here, sparql the store at the endpoint (docs/operation.md).",
    )
    endpoint: str = _setting("", _address, "Where a SPARQL store takes queries.")
    update_endpoint: str = _setting(
        "", _address, "Where a SPARQL store takes updates. Empty: the same address as for queries."
    )
    endpoint_user: str = _setting("", str, "User for the store's HTTP Basic authentication. Empty: none.")
    endpoint_password: str = _setting("", str, "Password for the store's HTTP Basic authentication.")
    read_only: bool = _setting(
        False,
        _switch,
        "Serve readers only: refuse every change, and with a store follow what its one writer publishes (docs/operation.md).",
    )
    writer: str = _setting(
        "", _address, "Where changes are made: said by a server that only reads. Empty: it is not said."
    )
    enrich_endpoints: str = _setting(
        "", _addresses, "Endpoints that `kizuna enrich` may ask, separated by spaces. Empty: none."
    )
    metrics: str = _setting(
        "local",
        _one_of("off", "local", "all"),
        "Who may read /metrics: off nobody, local only this machine (not through a proxy), all everybody.",
    )
    log_format: str = _setting(
        "text", _one_of("text", "json"), "Lines of the log: text for people, json for programs."
    )
    log_requests: bool = _setting(
        False, _switch, "Write a line for every request (without addresses of readers or query strings)."
    )
    slow_query_seconds: float = _setting(
        1.0, _not_negative, "Queries that take this long or longer are written to the log; 0 writes none."
    )
    no_gate: bool = _setting(
        False,
        _switch,
        "Serve as a plain SPARQL server: updates are applied at once, unvalidated (docs/sparql.md).",
    )
    admin_token: str = _setting(
        "", str, "Token that writes to a server without a gate need; at least 16 characters."
    )

    writes_per_minute: int = _setting(
        120,
        _whole,
        "Changes that programs may hand in for one account in a minute, in a web process; 0: any.",
    )
    write_quads: int = _setting(
        200_000, _between(1), "Statements that one change of a program may add and remove."
    )
    write_seconds: float = _setting(
        60.0, _positive, "Time for working out what an update or a document would change, in seconds."
    )
    jobs: int = _setting(
        4, _between(1), "Long jobs of the desk (imports, full validations) that may wait and run at once."
    )
    job_seconds: float = _setting(1800.0, _positive, "Time for one long job, in seconds.")
    anonymous: bool = _setting(
        True, _switch, "Everybody may read; 0: only those who are signed in, or who have a token."
    )
    second_person: bool = _setting(
        True, _switch, "A proposal is approved and published by others than its author (docs/updates.md)."
    )
    oidc_issuer: str = _setting("", _address, "Address of an OpenID provider for signing in. Empty: none.")
    oidc_client_id: str = _setting("", str, "This server's client id at the provider.")
    oidc_client_secret: str = _setting("", str, "This server's client secret at the provider.")
    oidc_role: str = _setting(
        "reader",
        _role,
        "Role of an account that is made at the first sign-in by OpenID; later roles are given by hand.",
    )

    @classmethod
    def from_environment(cls, environment: Mapping[str, str], **given: object) -> Settings:
        """Read the settings; what is `given` (not None) wins over the environment, which wins over the defaults.

        Args:
            environment: variable name to text, such as `os.environ`.
            given: values of the command line; texts are read as those of the environment, None counts as not given.

        Raises:
            SettingsError: a value that its setting does not allow; the message shows no password.
        """
        values: dict[str, Any] = {}
        for setting in fields(cls):
            chosen = given.get(setting.name)
            variable = variable_of(setting.name)
            text = environment.get(variable, "") if chosen is None else chosen
            if isinstance(text, int) and not isinstance(text, bool):
                text = str(text)
            if not isinstance(text, str):
                values[setting.name] = text
            elif text:
                try:
                    values[setting.name] = setting.metadata["read"](text)
                except ValueError as error:
                    raise SettingsError(
                        f"{variable}={masked(text)!r} cannot be used: {error}. "
                        f"Meaning of the setting: {setting.metadata['meaning']}",
                        f"{variable}={masked(text)!r} は使えません：{getattr(error, 'ja', error)}。設定の意味は docs/settings.md にあります。",
                    ) from error
        return cls(**values)


def read_file(text: str, place: str) -> dict[str, str]:
    """The settings of a file: a line `KIZUNA_X=value` each, as systemd's EnvironmentFile and containers' --env-file have them.

    Empty lines, and lines that begin with # or ;, say nothing; a value may stand in quotes.

    Args:
        text: of the file.
        place: its name, for messages.

    Raises:
        SettingsError: a line that is no setting, a setting that does not exist, stands there twice, or has a value that cannot be used.
    """
    known = {variable_of(setting.name) for setting in fields(Settings)}
    found: dict[str, str] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        line = line.strip()
        if not line or line[0] in "#;":
            continue
        name, equals, value = (part.strip() for part in line.partition("="))
        if not equals or name not in known:
            near = get_close_matches(name, known, 1)
            hint = f" Did you mean {near[0]}?" if near else ""
            hint_ja = f"{near[0]} のことですか。" if near else ""
            shown = masked(name)[:60]
            raise SettingsError(
                f"{place}, line {number}: {shown!r} is no setting.{hint}",
                f"{place} の {number} 行目：{shown!r} という設定はありません。{hint_ja}",
            )
        if name in found:
            raise SettingsError(
                f"{place}, line {number}: {name} stands there twice.",
                f"{place} の {number} 行目：{name} が二度書かれています。",
            )
        if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'":
            value = value[1:-1]
        found[name] = value
    try:
        Settings.from_environment(found)
    except SettingsError as error:
        raise SettingsError(f"{place}: {error}", f"{place}：{error.ja}") from error
    return found


OTHERS = frozenset(("KIZUNA_CONFIG", "KIZUNA_ACCOUNT"))
"""Variables for people that are options of the command line."""


def unknown_variables(environment: Mapping[str, str]) -> dict[str, str]:
    """Variables that look like settings and are none, each with the setting that may be meant ("" for none)."""
    known = {variable_of(setting.name) for setting in fields(Settings)} | OTHERS
    return {
        name: next(iter(get_close_matches(name, known, 1)), "")
        for name in sorted(environment)
        if name.startswith(PREFIX) and name not in known
    }


def variable_of(name: str) -> str:
    """The environment variable of a setting, e.g. `KIZUNA_PORT` of `port`."""
    return PREFIX + name.upper()

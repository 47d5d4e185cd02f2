"""`kizuna serve`: the keeper and the web processes. Starts processes and listens on a socket."""

from __future__ import annotations

import contextlib
import errno
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import fields, replace
from http.client import HTTPConnection
from pathlib import Path
from typing import Final

import click

from kizuna.commands.ending import EndedError, Ending, ending
from kizuna.commands.options import default_language, told, workspace_option
from kizuna.commands.setup import engine_config, listening, remote_store
from kizuna.engine.embedded import EmbeddedEngine, start_embedded
from kizuna.engine.remote import RemoteEngine
from kizuna.engine.remote_client import Store
from kizuna.engine.remote_lease import Lease
from kizuna.engine.types import EngineBusyError, EngineError, EngineUnavailableError
from kizuna.engine.words import words_of
from kizuna.settings import Settings, SettingsError, variable_of
from kizuna.web.shared import SHARED_VARIABLE, SOCKET_VARIABLE

ALLOCATOR: Final = {
    "MALLOC_ARENA_MAX": "2",
    "MALLOC_MMAP_THRESHOLD_": "131072",
    "MALLOC_TRIM_THRESHOLD_": "131072",
}
"""How the C library of web processes gives memory back (mallopt(3)): with many threads and answers of every size it would keep what it
has freed (docs/decisions/0161). What the operator sets wins."""


def _free_port(host: str) -> int:
    with listening(host, 0) as probe:
        return int(probe.getsockname()[1])


def _check_address(host: str, port: int) -> None:
    """Find out before anything is started whether the address can be listened on.

    Raises:
        SettingsError: it is in use, is not one of this machine, or may not be used.
    """
    try:
        with listening(host, port):
            return
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise SettingsError(
                f"Port {port} on {host} is in use: end what runs there, or choose another with --port (0 takes any).",
                f"{host} のポート {port} は使用中です。そこで動いているものを止めるか、--port で別のポートを選んでください（0 なら空いているもの）。",
            ) from error
        raise SettingsError(
            f"{host}, port {port}, cannot be listened on ({error.strerror or error}): choose an address of this machine"
            " with --host, and a port above 1023 with --port.",
            f"{host} のポート {port} では待ち受けできません（{error.strerror or error}）。--host にこの機械のアドレスを、--port に 1024 以上のポートを指定してください。",
        ) from error


def _is_ready(host: str, port: int) -> bool:
    try:
        connection = HTTPConnection(host, port, timeout=5)
        connection.request("GET", "/health")
        return connection.getresponse().status == 200
    except OSError:
        return False


def _said(language: str, ja: str, en: str) -> str:
    """One of two sentences. The terminal's language is known before the settings are handed on: they name that of the pages."""
    return ja if language == "ja" else en


def _run(host: str, port: int, end: Ending, language: str) -> int:
    """Run the web server until it ends; print the address once it answers. Returns the command's exit code."""
    command = [sys.executable, "-m", "kizuna.web.server", str(os.getpid())]

    def start() -> subprocess.Popen[bytes]:
        # In a session of its own, so that Ctrl-C reaches this process alone, which tells the server by a signal that it can always take.
        return subprocess.Popen(command, env={**ALLOCATOR, **os.environ}, start_new_session=True)

    server = end.hand_over(start)
    # "Any address" is not one to open: say the loopback address instead.
    reached = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 (compared, not bound)
    shown = f"[{reached}]" if ":" in reached else reached
    while server.poll() is None and not end.asked:
        if _is_ready(reached, port):
            click.echo(
                f"Kizuna: http://{shown}:{port}/  {_said(language, '（Ctrl-C で終了）', '(Ctrl-C ends it)')}"
            )
            break
        time.sleep(0.05)
    status = server.wait()
    if end.asked:
        click.echo(_said(language, "Kizuna: 終了しました。", "Kizuna: ended."), err=True)
        return 0
    how = f"by signal {-status}" if status < 0 else f"with status {status}"
    how_ja = f"シグナル {-status}" if status < 0 else f"終了コード {status}"
    said = _said(
        language,
        f"Kizuna: ウェブサーバーがひとりでに終了しました（{how_ja}）。原因は上の出力にあります。",
        f"Kizuna: the web server has ended by itself, {how}; what it wrote above says why.",
    )
    click.echo(said, err=True)
    return 1


def _export(settings: Settings) -> None:
    """Hand the settings on to the web processes."""
    for setting in fields(settings):
        value = getattr(settings, setting.name)
        if isinstance(value, bool):
            value = "1" if value else "0"
        os.environ[variable_of(setting.name)] = "" if value is None else str(value)


@contextlib.contextmanager
def writing(store: Store | None, follows: bool) -> Iterator[Lease | None]:
    """Hold the place of a store's one writer while the block runs; this process ends when another one has taken it.

    Raises:
        EngineError: another server writes to the store, or the store cannot be asked or written to.
    """
    if store is None or follows:
        yield None
        return
    lease = Lease(store)
    lease.claim()
    try:
        # Two records that go on apart could not be brought together again: who has lost the place stops at once.
        lease.keep(lambda: os.kill(os.getpid(), signal.SIGTERM))
        yield lease
    finally:
        lease.release()


def _wait_for_view(engine: EmbeddedEngine) -> None:
    """Wait for the first view, which a large record takes longer over than one question waits (`EngineConfig.build_seconds` ends it).

    Raises:
        EngineError: it cannot be built.
    """
    while True:
        with contextlib.suppress(EngineBusyError):
            engine.ask(engine.today(), "ASK {}")
            return


@contextlib.contextmanager
def publishing(
    engine: EmbeddedEngine, store: Store | None, lease: Lease | None, follows: bool = False
) -> Iterator[None]:
    """Keep a store, if there is one, at today's view (or follow it) while the block runs; end the engine after it."""
    if store is None:
        with engine:
            yield
        return
    with RemoteEngine(engine, store, writes=not follows, follows=follows, lease=lease) as remote:
        _wait_for_view(engine)
        remote.start()
        yield


@click.command("serve")
@workspace_option
@click.option("--host", help="Address to listen on (default: KIZUNA_HOST or 127.0.0.1).")
@click.option(
    "--port", type=int, help="Port to listen on; 0 takes any free one (default: KIZUNA_PORT or 8000)."
)
@click.option("--web-processes", type=click.IntRange(1, 64), help="Web processes that share one keeper.")
@click.option(
    "--no-gate",
    is_flag=True,
    default=None,
    help="Plain SPARQL server: updates are applied at once, unvalidated, by who has KIZUNA_ADMIN_TOKEN.",
)
@click.option(
    "--engine",
    "engine_kind",
    type=click.Choice(["embedded", "sparql"]),
    help="Who answers questions about today (default: KIZUNA_ENGINE or embedded).",
)
@click.option(
    "--read-only",
    is_flag=True,
    default=None,
    help="Refuse every change; with --engine sparql, follow what the store's one writer publishes.",
)
@click.option("--endpoint", help="Where a SPARQL store takes queries (with --engine sparql).")
@click.option("--update-endpoint", help="Where it takes updates (default: the same address).")
def serve_command(
    workspace: Path,
    host: str | None,
    port: int | None,
    web_processes: int | None,
    no_gate: bool | None,
    engine_kind: str | None,
    read_only: bool | None,
    endpoint: str | None,
    update_endpoint: str | None,
) -> None:
    """Serve a workspace: pages, SPARQL and data over HTTP.

    Exit codes: 0 ended by the operator (SIGTERM, Ctrl-C, SIGHUP; at any moment), 1 the web server has ended by itself, 2 the workspace or a
    setting cannot be used, or the port is taken.

    \b
    Examples:
      kizuna serve
      kizuna serve --workspace /srv/kizuna --host 0.0.0.0 --port 8080
      KIZUNA_QUERY_SECONDS=30 kizuna serve --web-processes 2
      kizuna serve --engine sparql --endpoint http://store:3030/kizuna/sparql --update-endpoint http://store:3030/kizuna/update
      KIZUNA_WRITER=https://kizuna.example/ kizuna serve --read-only --engine sparql --endpoint http://store:3030/kizuna/sparql
      KIZUNA_ADMIN_TOKEN=$(openssl rand -hex 32) kizuna serve --workspace /srv/plain --no-gate
    """
    status, store, language = 2, None, default_language()
    with ending(language) as end:
        try:
            settings = Settings.from_environment(
                os.environ,
                workspace=workspace.resolve(),
                host=host,
                port=port,
                web_processes=web_processes,
                no_gate=no_gate,
                engine=engine_kind,
                read_only=read_only,
                endpoint=endpoint,
                update_endpoint=update_endpoint,
            )
            store = remote_store(settings)
            _check_address(settings.host, settings.port)
            status = _serve(settings, store, end, language)
        except EndedError:
            click.echo(
                _said(language, "Kizuna: 準備が整う前に終了しました。", "Kizuna: ended before it was ready."),
                err=True,
            )
            status = 0
        except SettingsError as error:
            click.echo(told(error, language), err=True)
        except EngineError as error:
            said = told(error, language)
            click.echo(said if store is None else f"{store.query_url}: {said}", err=True)
    sys.exit(status)


def _serve(settings: Settings, store: Store | None, end: Ending, language: str) -> int:
    """Run everything until it ends; returns the exit code.

    Raises:
        EndedError: the operator has ended it before it was ready.
        SettingsError: the workspace cannot be used.
        EngineError: the store cannot be used, or another server writes to it.
    """
    port_used = settings.port or _free_port(settings.host)
    with writing(store, settings.read_only) as lease:
        try:
            engine = start_embedded(engine_config(settings))
        except EngineUnavailableError as error:
            raise SettingsError(
                f"{error} (kizuna doctor says more)",
                f"始められません：{words_of(error, 'ja')} kizuna doctor -l ja で原因と対処を調べられます。",
            ) from error
        with (
            publishing(engine, store, lease, settings.read_only),
            tempfile.TemporaryDirectory(prefix="kizuna-metrics-") as counts,
        ):
            _export(replace(settings, port=port_used))
            os.environ[SHARED_VARIABLE] = counts
            os.environ[SOCKET_VARIABLE] = str(engine.socket_path)
            return _run(settings.host, port_used, end, language)

"""`assistants-compat serve`: the Assistants API over HTTP, for programs in any language."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING, Any

import click

from assistants_compat.settings import Settings
from assistants_compat.store.database import StoreError

if TYPE_CHECKING:
    from assistants_compat.server.service import Service


PREFIX = "ASSISTANTS_COMPAT_SERVER_"


@click.command("serve")
@click.option(
    "--host",
    envvar=f"{PREFIX}HOST",
    default="127.0.0.1",
    show_default=True,
    help="The address to listen on. Others need --keys or --pass-through.",
)
@click.option("--port", envvar=f"{PREFIX}PORT", default=8000, show_default=True, type=click.IntRange(0, 65535), help="0 takes a free one.")
@click.option("--store", metavar="PATH", help="Where assistants, threads and runs live: a file, ':memory:' or an SQLAlchemy URL.")
@click.option("--models", metavar="MODELS", help="Models to use instead: 'recommended' (for all that are gone) or 'old=new,old=new'.")
@click.option("--upstream", metavar="URL", help="The API behind this server. [default: https://api.openai.com/v1]")
@click.option("--azure", is_flag=True, default=None, help="The upstream is Azure OpenAI though its host does not look like it.")
@click.option("--pass-through", is_flag=True, help="Each caller's own upstream key pays and names its tenant.")
@click.option("--keys", "keys_file", metavar="FILE", help="Callers have keys of this server, 'TENANT KEY' a line; OPENAI_API_KEY pays.")
@click.option(
    "--max-body", "max_body_bytes", metavar="BYTES", type=int, help="The largest body of an Assistants request. [default: 33554432]"
)
@click.option("--max-runs", metavar="N", type=int, help="Runs at the same time. [default: 1000]")
@click.option("--max-runs-per-tenant", metavar="N", type=int, help="Runs of one tenant at the same time. [default: 100]")
@click.option("--shutdown", metavar="SECONDS", type=float, help="How long runs may go on after SIGTERM. [default: 30]")
@click.option(
    "--metrics-port",
    envvar=f"{PREFIX}METRICS_PORT",
    type=click.IntRange(0, 65535),
    help="A port of its own for Prometheus; in local mode /metrics has it too.",
)
@click.option("--metrics-host", envvar=f"{PREFIX}METRICS_HOST", default="127.0.0.1", show_default=True, help="The address of that port.")
@click.option(
    "--log-level",
    type=click.Choice(["debug", "info", "warning", "error"]),
    default="info",
    show_default=True,
    help="Logs are JSON on stderr.",
)
@click.option("--log-content", is_flag=True, default=None, help="Log the bodies of Assistants requests, messages included. Never keys.")
def command(
    host: str,
    port: int,
    store: str | None,
    models: str | None,
    pass_through: bool,
    metrics_port: int | None,
    metrics_host: str,
    log_level: str,
    **given: Any,
) -> None:
    """Answer the Assistants API over HTTP, at /v1 and at Azure's /openai; everything else there goes to the upstream.

    A program in any language sets its base URL to http://127.0.0.1:8000/v1 and runs. Without further options only programs on this machine
    are answered, as one tenant, with the API key that each of them sends. docs/deploy.md tells of keys and tenants, of more limits, and of
    the environment variables, ASSISTANTS_COMPAT_SERVER_…, that all of this can be given in.
    """
    try:
        from assistants_compat.server.logs import log_json
        from assistants_compat.server.running import serve
        from assistants_compat.server.settings import ServerSettings
    except ModuleNotFoundError as error:
        raise click.ClickException(f"There is no {error.name}: the server needs 'pip install assistants-compat[server]'.") from None
    if pass_through:
        given["mode"] = "pass-through"
    try:
        settings = ServerSettings.from_environment(**{name: value for name, value in given.items() if value is not None})
        texts = {name: text for name, text in (("models", models), ("store", store)) if text is not None}
        compat = Settings.from_environment().with_texts(texts)
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    if settings.mode == "local" and not _is_loopback(host):
        raise click.UsageError(
            f"On {host} everybody who can reach this machine could use the server. Tell callers apart first: --keys FILE or --pass-through."
        )
    log_json(log_level)
    metrics = None if metrics_port is None else (metrics_host, metrics_port)
    try:
        serve(settings, compat, host, port, metrics, _announce)
    except (ValueError, OSError, StoreError) as error:
        raise click.ClickException(str(error)) from None


def _announce(url: str, service: Service) -> None:
    from assistants_compat.store.schema import Schema

    settings, store = service.settings, Schema(service.runtime.settings).name
    click.echo(f"assistants-compat serves {url}/v1 · mode {settings.mode} · store {store} · upstream {settings.upstream}")


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False

"""`python -m assistants_compat.testing`: the offline upstream in the foreground."""

from __future__ import annotations

import argparse

from assistants_compat.testing.server import Server
from assistants_compat.testing.upstream import OfflineUpstream


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m assistants_compat.testing", description="Serve an offline Responses API.")
    parser.add_argument("--port", type=int, default=0, help="the port on 127.0.0.1 (a free one by default)")
    parser.add_argument("--model-time", type=float, default=0.0, metavar="S", help="seconds before the first byte of an answer")
    options = parser.parse_args(arguments)
    server = Server(OfflineUpstream(model_time=options.model_time), options.port)
    print(server.base_url, flush=True)
    print(f"Use it with OPENAI_BASE_URL={server.base_url} OPENAI_API_KEY=sk-offline; stop it with Ctrl-C.", flush=True)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        print()
    finally:
        server.server_close()


if __name__ == "__main__":
    main()

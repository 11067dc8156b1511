"""Recorded HTTP traffic as other tools keep it, read as data: vcrpy and pytest-recording (YAML and JSON), VCR for Ruby, JSON Lines.

    for exchange in read(Path("tests/cassettes/test_tutor.yaml")):
        print(exchange.method, exchange.path, exchange.status, exchange.response_json())

Nothing in a cassette is executed, and nothing here asks the network.
"""

from assistants_compat.cassettes.errors import CassetteError, NotACassette
from assistants_compat.cassettes.exchange import Exchange
from assistants_compat.cassettes.folders import cassettes_below
from assistants_compat.cassettes.reading import read

__all__ = ["CassetteError", "Exchange", "NotACassette", "cassettes_below", "read"]

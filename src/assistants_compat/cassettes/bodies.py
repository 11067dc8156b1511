"""A body as bytes, out of all the ways in which recorders have written one down."""

from __future__ import annotations

import base64
import binascii
import io
import zlib
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any

from assistants_compat import wire

LARGEST = 64 * 1024 * 1024
"""Bytes that a compressed body may come to."""

_IN_BASE64 = ("base64_string", "b64_string")
_WRAPPED = {"string", "encoding", *_IN_BASE64}


class BodyError(ValueError):
    """A body that is not what it says it is."""


def body_of(value: Any) -> bytes:
    """The body that a recorder has written as `value`: text, bytes, pieces, `{"string": …}`, `{"base64_string": …}`, or JSON itself.

    Raises:
        BodyError: it is said to be base64 and is not.
    """
    if value is None or value == {}:
        return b""
    if isinstance(value, bytes):
        return value
    if isinstance(value, str):
        return value.encode("utf-8", "surrogatepass")
    if isinstance(value, io.BytesIO):
        return value.getvalue()
    if isinstance(value, list) and value and all(isinstance(piece, bytes) for piece in value):
        return b"".join(value)
    if isinstance(value, Mapping) and set(value) <= _WRAPPED:
        return _unwrapped(value)
    try:
        return wire.dumps(value)
    except (TypeError, RecursionError):
        raise BodyError(f"its body is {type(value).__name__}, which is neither text nor JSON") from None


def _unwrapped(value: Mapping[str, Any]) -> bytes:
    for name in _IN_BASE64:
        if value.get(name) is not None:
            try:
                return base64.b64decode("".join(str(value[name]).split()), validate=True)
            except (binascii.Error, ValueError):
                raise BodyError(f"its {name} is not base64") from None
    return body_of(value.get("string"))


def decoded(body: bytes, encoding: str) -> bytes:
    """A body without its Content-Encoding. Recorders often keep the header of what they have decoded: such a body stays as it is.

    Raises:
        BodyError: it is broken, larger than LARGEST, or compressed in a way that nothing installed here knows.
    """
    for name in reversed([part.strip().lower() for part in encoding.split(",")]):
        if name not in ("", "identity"):
            body = _decoders.get(name, _unknown(name))(body)
    return body


def _inflated(body: bytes, window: int) -> bytes:
    worker = zlib.decompressobj(window)
    try:
        plain = worker.decompress(body, LARGEST)
    except zlib.error as error:
        raise BodyError(f"its compressed body is broken ({error})") from None
    if worker.unconsumed_tail:
        raise BodyError(f"its compressed body comes to more than {LARGEST} bytes")
    if not worker.eof:
        raise BodyError("its compressed body is cut off")
    return plain


def _gzip(body: bytes) -> bytes:
    return _inflated(body, zlib.MAX_WBITS | 16) if body.startswith(b"\x1f\x8b") else body


def _deflate(body: bytes) -> bytes:
    if _is_text(body):
        return body
    try:
        return _inflated(body, zlib.MAX_WBITS)
    except BodyError:
        return _inflated(body, -zlib.MAX_WBITS)  # without a header, as some servers have it


def _zstd(body: bytes) -> bytes:
    if not body.startswith(b"\x28\xb5\x2f\xfd"):
        return body
    return _by_library("zstd", ("compression.zstd", "zstandard"), "zstandard", body)


def _brotli(body: bytes) -> bytes:
    return body if _is_text(body) else _by_library("br", ("brotli", "brotlicffi"), "brotli", body)


def _by_library(encoding: str, modules: tuple[str, ...], package: str, body: bytes) -> bytes:
    for name in modules:
        try:
            module: Any = import_module(name)
        except ImportError:
            continue
        try:
            plain: bytes = module.decompress(body)
        except Exception as error:  # noqa: BLE001 - each of the libraries has an error class of its own
            raise BodyError(f"its compressed body is broken ({error})") from None
        return plain
    raise BodyError(f"its body is compressed ({encoding}), which needs: pip install {package}")


def _unknown(encoding: str) -> Callable[[bytes], bytes]:
    def plain_only(body: bytes) -> bytes:
        if _is_text(body):
            return body
        raise BodyError(f"its body has the Content-Encoding {encoding!r}, which is not known here")

    return plain_only


def _is_text(body: bytes) -> bool:
    try:
        return "\x00" not in body.decode()
    except UnicodeDecodeError:
        return False


_decoders: dict[str, Callable[[bytes], bytes]] = {
    "gzip": _gzip,
    "x-gzip": _gzip,
    "deflate": _deflate,
    "br": _brotli,
    "zstd": _zstd,
}

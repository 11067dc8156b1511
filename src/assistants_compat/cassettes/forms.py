"""From what a file's parser has made of one interaction to an exchange: one function for each form that recorders write."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any

from assistants_compat import wire
from assistants_compat.cassettes.bodies import BodyError, body_of, decoded
from assistants_compat.cassettes.exchange import Exchange

Json = Mapping[str, Any]

INTERACTIONS = ("interactions", "http_interactions")
"""Where a document has its interactions: vcrpy, and VCR for Ruby."""


class FormError(ValueError):
    """An interaction that lacks something, or has it in a form that no recorder writes."""


def is_interaction(value: Any) -> bool:
    """Whether this is one exchange, in any of the forms."""
    return isinstance(value, Mapping) and (
        (isinstance(value.get("request"), Mapping) and "response" in value) or {"method", "url"} <= set(value)
    )


def exchange_of(value: Any, place: str) -> Exchange:
    """The exchange that an interaction is.

    Raises:
        FormError: it is none; the message says what is missing or wrong.
    """
    if not isinstance(value, Mapping):
        raise FormError(f"it is {_kind(value)}, not an interaction")
    try:
        return _flat(value, place) if "method" in value and "url" in value else _nested(value, place)
    except BodyError as error:
        raise FormError(str(error)) from None


def _nested(value: Json, place: str) -> Exchange:
    """`{"request": {…}, "response": {…}}`: vcrpy since 0.1, and VCR for Ruby."""
    request, response = _mapping(value, "request"), _mapping(value, "response")
    request_headers, response_headers = _headers(request.get("headers")), _headers(response.get("headers"))
    answer = response.get("content") if "status_code" in response else response.get("body")  # vcrpy's for httpx, until 5.1
    return Exchange(
        method=str(request.get("method") or "GET").upper(),
        url=_url(request),
        request_headers=request_headers,
        request_body=decoded(_body(request, request.get("body")), request_headers.get("content-encoding", "")),
        status=_status(response),
        response_headers=response_headers,
        response_body=decoded(_body(response, answer), response_headers.get("content-encoding", "")),
        place=place,
    )


def _flat(value: Json, place: str) -> Exchange:
    """`{"method": …, "url": …, "status": …, "request": body, "response": body}`: one exchange a line, with bodies as JSON."""
    request_headers = _headers(value.get("request_headers"))
    if isinstance(value.get("beta"), str):
        request_headers = {"openai-beta": value["beta"], **request_headers}
    response_headers = _headers(value.get("response_headers", value.get("headers")))
    answer = value.get("response")
    if isinstance(answer, Mapping) and isinstance(answer.get("__sse__"), list):
        response_headers = {**response_headers, "content-type": "text/event-stream; charset=utf-8"}
        answer = b"".join(_events(answer["__sse__"]))
    return Exchange(
        method=str(value["method"]).upper(),
        url=str(value["url"]),
        request_headers=request_headers,
        request_body=body_of(value.get("request")),
        status=_status(value),
        response_headers=response_headers,
        response_body=body_of(answer),
        source=str(value.get("source") or ""),
        place=place,
    )


def _events(pairs: list[Any]) -> Iterator[bytes]:
    for pair in pairs:
        if not isinstance(pair, list) or len(pair) != 2:
            raise FormError('an event of its "__sse__" is not a pair of a name and data')
        name, data = pair
        yield b"event: %b\ndata: %b\n\n" % (str(name).encode(), data.encode() if isinstance(data, str) else wire.dumps(data))


def _body(side: Json, body: Any) -> bytes:
    """pydantic-ai and others keep JSON beside the place where the body would be."""
    return body_of(side["parsed_body"]) if body is None and side.get("parsed_body") is not None else body_of(body)


def _url(request: Json) -> str:
    url = request.get("uri", request.get("url"))
    if url is None and {"protocol", "host", "path"} <= set(request):  # vcrpy before 1.0
        port = request.get("port")
        usual = {"https": 443, "http": 80}.get(str(request["protocol"]))
        url = f"{request['protocol']}://{request['host']}{'' if port in (None, usual) else f':{port}'}{request['path']}"
    if not isinstance(url, str):
        raise FormError("its request has no uri")
    return url


def _status(response: Json) -> int:
    status = response.get("status", response.get("status_code"))
    code = status.get("code") if isinstance(status, Mapping) else status
    try:
        return HTTPStatus(int(code)).value  # type: ignore[arg-type]
    except (TypeError, ValueError):
        raise FormError(f"its response has no status that HTTP knows ({code!r})") from None


def _headers(headers: Any) -> dict[str, str]:
    """From lists of values, single values, pairs, or lines ("Name: value\\r\\n")."""
    if isinstance(headers, Mapping):
        pairs = list(headers.items())
    elif isinstance(headers, list):
        pairs = [pair for each in headers for pair in _pairs(each)]
    else:
        return {}
    return {str(name).lower(): _joined(values) for name, values in pairs}


def _pairs(each: Any) -> list[tuple[Any, Any]]:
    if isinstance(each, str):
        name, _, text = each.partition(":")
        return [(name.strip(), text.strip())]
    if isinstance(each, (list, tuple)):
        if len(each) == 2 and isinstance(each[0], str):
            return [(each[0], each[1])]
        return [pair for one in each for pair in _pairs(one)]
    return []


def _joined(values: Any) -> str:
    texts = [
        value.decode("latin-1") if isinstance(value, bytes) else str(value) for value in (values if isinstance(values, list) else [values])
    ]
    return ", ".join(texts)


def _mapping(value: Json, name: str) -> Json:
    found = value.get(name)
    if not isinstance(found, Mapping):
        raise FormError(f"it has no {name}" if found is None else f"its {name} is {_kind(found)}")
    return found


def _kind(value: Any) -> str:
    names = {
        dict: "an object",
        list: "a list",
        str: "a text",
        bool: "a truth value",
        int: "a number",
        float: "a number",
        type(None): "empty",
    }
    return names.get(type(value), type(value).__name__)

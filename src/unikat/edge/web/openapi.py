"""The OpenAPI 3.1 description, made from the table of endpoints: every scope, body and fault is in
it.
"""

import re
from collections.abc import Iterable, Mapping

import msgspec

from unikat.edge.web.endpoint import Endpoint
from unikat.edge.web.json import Json
from unikat.edge.web.problems import TITLES
from unikat.edge.web.scopes import Scope

REF = "#/components/schemas/{name}"
ALWAYS = (429, 500)
KEYED = (401, 403)
QUERY: Mapping[str, Mapping[str, Json]] = {
    "at": {"type": "string", "format": "date-time"},
    "after": {"type": "string", "description": "what was seen last"},
    "limit": {"type": "integer", "minimum": 1},
    "state": {"type": "string", "enum": ["open", "ended", "all"]},
}

TEXT: Mapping[str, Json] = {"type": "string"}


class ProblemReply(msgspec.Struct, frozen=True):
    """An error (RFC 9457): what kind, and in `detail` what is wrong, which value, what to do.

    `picks` and `rules` explain a refused choice, `faults` a refused text; `due` is the date that
    can be promised now.
    """

    type: str
    title: str
    status: int
    detail: str
    picks: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    due: str | None = None


def describe_api(endpoints: Iterable[Endpoint], version: str) -> dict[str, Json]:
    """Return the OpenAPI document of the endpoints that are not pages."""
    listed = [endpoint for endpoint in endpoints if not endpoint.is_page]
    shapes = {shape for each in listed for shape in (each.body, each.reply) if shape}
    kinds = sorted({*shapes, ProblemReply}, key=lambda shape: shape.__name__)
    _, schemas = msgspec.json.schema_components(kinds, ref_template=REF)
    paths: dict[str, dict[str, Json]] = {}
    for endpoint in listed:
        paths.setdefault(endpoint.path, {})[endpoint.method.lower()] = _operation(endpoint)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Unikat",
            "version": version,
            "description": "Choose, quote, order, follow and plan products in lot size one. "
            "Times are ISO 8601 with zone, money is integer cents, lengths are mm.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {
                "key": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "A key uk_...; scopes: "
                    + ", ".join(scope.value for scope in Scope if scope is not Scope.PUBLIC),
                }
            },
        },
    }


def _operation(endpoint: Endpoint) -> dict[str, Json]:
    is_public = Scope.PUBLIC in endpoint.scopes
    scopes = [scope.value for scope in endpoint.scopes]
    operation: dict[str, Json] = {
        "operationId": endpoint.handler.__name__,
        "summary": endpoint.summary,
        "x-scopes": scopes,
        "security": [] if is_public else [{"key": scopes}],
        "parameters": _parameters(endpoint),
        "responses": _responses(endpoint, () if is_public else KEYED),
    }
    if endpoint.media is not None:
        schema = _schema(endpoint.body) if endpoint.body else {"type": "string"}
        operation["requestBody"] = {
            "required": True,
            "content": {endpoint.media: {"schema": schema}},
        }
    return operation


def _parameters(endpoint: Endpoint) -> list[Json]:
    in_path: list[Json] = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in re.findall(r"{(\w+)}", endpoint.path)
    ]
    in_query: list[Json] = [
        {"name": name, "in": "query", "required": False, "schema": QUERY.get(name, TEXT)}
        for name in endpoint.query
    ]
    return in_path + in_query


def _responses(endpoint: Endpoint, more: tuple[int, ...]) -> dict[str, Json]:
    body = (400, 413, 415, 422) if endpoint.media else ()
    problem: Json = {"application/problem+json": {"schema": _schema(ProblemReply)}}
    responses: dict[str, Json] = {
        str(status): {"description": TITLES.get(status, "Problem"), "content": problem}
        for status in sorted({*endpoint.faults, *body, *more, *ALWAYS})
    }
    success: dict[str, Json] = {"description": endpoint.summary}
    if endpoint.reply is not None:
        success["content"] = {endpoint.produces: {"schema": _schema(endpoint.reply)}}
    elif endpoint.status != 204:
        success["content"] = {endpoint.produces: {}}
    return {str(endpoint.status): success, **responses}


def _schema(shape: type) -> Mapping[str, Json]:
    return {"$ref": REF.format(name=shape.__name__)}

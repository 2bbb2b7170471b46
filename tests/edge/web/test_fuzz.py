"""Whatever is sent, the answer is no fault of ours and tells what was wrong."""

import json
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sites import models
from unikat.edge.web.app import ENDPOINTS
from unikat.edge.web.endpoint import FORM, NDJSON
from unikat.edge.web.scopes import Scope

FEATURES = tuple(models().family.index)
SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text(max_size=30)
)
ANY = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)
PICKS = st.dictionaries(st.sampled_from(FEATURES) | st.text(max_size=8), SCALARS, max_size=6)
MEASURES = st.dictionaries(
    st.sampled_from(("foot_length", "foot_breadth", "heel_breadth", "ball_length", "x")),
    st.floats(-1e9, 1e9) | st.integers() | st.text(max_size=3),
    max_size=5,
)
NAMES = st.sampled_from(
    [
        "picks",
        "measurements",
        "seconds",
        "seed",
        "cause",
        "quote_id",
        "customer",
        "reason",
        "source",
        "epoch",
        "seq",
        "at",
        "type",
        "unit",
        "until",
        "order",
        "step",
        "attempt",
        "build",
        "transporter",
        "target",
        "family",
    ]
)
BODIES = st.one_of(
    ANY,
    st.fixed_dictionaries({"picks": PICKS, "measurements": MEASURES}),
    st.fixed_dictionaries({"picks": PICKS}),
    st.dictionaries(NAMES, SCALARS | PICKS, max_size=10),
)
CHANGING = [endpoint for endpoint in ENDPOINTS if endpoint.media is not None]
READING = [
    endpoint for endpoint in ENDPOINTS if endpoint.method == "GET" and "live" not in endpoint.path
]
CALM = settings(
    max_examples=25,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def name_of(endpoint) -> str:
    return f"{endpoint.method} {endpoint.path}"


def filled(path: str, text: str) -> str:
    safe = quote(text, safe="")
    for name in ("quote_id", "order_id", "version", "name:path"):
        path = path.replace("{" + name + "}", safe or "x")
    return path


def check(reply) -> None:
    assert reply.status_code < 500, reply.text
    if reply.status_code >= 400 and "problem" in reply.headers["content-type"]:
        problem = reply.json()
        assert problem["detail"]
        assert problem["status"] == reply.status_code


@pytest.mark.parametrize("endpoint", CHANGING, ids=name_of)
@CALM
@given(data=st.data())
def test_no_body_breaks_an_endpoint(client, endpoint, data):
    headers = {"Content-Type": endpoint.media}
    if endpoint.media == FORM:
        body = data.draw(st.binary(max_size=60) | st.text(max_size=60).map(str.encode))
    else:
        value = data.draw(BODIES)
        body = json.dumps(value).encode()
        if endpoint.media == NDJSON:
            body = body + b"\n" + data.draw(st.binary(max_size=40))
    key = client.floor_key if Scope.FLOOR in endpoint.scopes else client.key
    path = filled(endpoint.path, data.draw(st.text(max_size=12)))
    check(client.send(endpoint.method, path, content=body, headers=headers, key=key))


@pytest.mark.parametrize("endpoint", READING, ids=name_of)
@CALM
@given(data=st.data())
def test_no_address_breaks_an_endpoint(client, endpoint, data):
    names = st.sampled_from(("after", "limit", "state", "form", "example", "p:Thickness", "on"))
    query = data.draw(st.dictionaries(names | st.text(max_size=8), st.text(max_size=12)))
    path = filled(endpoint.path, data.draw(st.text(max_size=12)))
    check(client.send("GET", path, params=query, key=client.key))

"""Who may call what: every endpoint declares it, and it is kept; logins, origins, headers."""

import time
from urllib.parse import urlencode

import pytest

from unikat.edge.web.app import ENDPOINTS, OPENAPI
from unikat.edge.web.scopes import Scope
from unikat.edge.web.security import COOKIE, Login, read_login, write_login

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
CHANGING_AND_PUBLIC = {
    ("POST", "/api/v1/choices"),
    ("POST", "/api/v1/choices/saved"),
    ("POST", "/api/v1/completions"),
    ("POST", "/api/v1/alternatives"),
    ("POST", "/api/v1/quotes"),
    ("POST", "/api/v1/quotes/dates"),
    ("POST", "/api/v1/quotes/{quote_id}/hurry"),
    ("POST", "/api/v1/quotes/{quote_id}/hold"),
    ("DELETE", "/api/v1/quotes/{quote_id}/hold"),
    ("POST", "/api/v1/orders"),
    ("POST", "/order"),
    ("POST", "/login"),
    ("POST", "/logout"),
}
KEYED = [endpoint for endpoint in ENDPOINTS if Scope.PUBLIC not in endpoint.scopes]


def name_of(endpoint) -> str:
    return f"{endpoint.method} {endpoint.path}"


def sign_in(client, key, following="/planner"):
    body = urlencode({"key": key, "next": following}).encode()
    return client.send("POST", "/login", content=body, headers=FORM)


def test_every_served_address_is_in_the_table_and_has_a_scope(client):
    served = {
        (method, route.path) for route in client.app.routes for method in route.methods - {"HEAD"}
    }
    declared = {(endpoint.method, endpoint.path) for endpoint in ENDPOINTS}
    assert served == declared | {("GET", OPENAPI)}
    assert all(endpoint.scopes for endpoint in ENDPOINTS)


def test_only_a_shoppers_own_calls_change_without_a_key():
    public = {
        (endpoint.method, endpoint.path)
        for endpoint in ENDPOINTS
        if endpoint.method != "GET" and Scope.PUBLIC in endpoint.scopes
    }
    assert public == CHANGING_AND_PUBLIC


@pytest.mark.parametrize("endpoint", KEYED, ids=name_of)
def test_a_keyed_endpoint_refuses_nobody_and_other_scopes(client, endpoint):
    path = endpoint.path.replace("{order_id}", "O-1")
    refused = client.send(endpoint.method, path)
    assert refused.status_code == (303 if endpoint.is_page else 401)
    for key, scope in ((client.key, Scope.PLANNER), (client.floor_key, Scope.FLOOR)):
        if scope not in endpoint.scopes:
            assert client.send(endpoint.method, path, key=key).status_code == 403


def test_openapi_declares_every_scope(client):
    document = client.get(OPENAPI).json()
    assert document["openapi"] == "3.1.0"
    for endpoint in ENDPOINTS:
        if endpoint.is_page:
            continue
        operation = document["paths"][endpoint.path][endpoint.method.lower()]
        scopes = [scope.value for scope in endpoint.scopes]
        assert operation["x-scopes"] == scopes
        assert operation["security"] == ([] if "public" in scopes else [{"key": scopes}])


def test_signing_in_gives_a_cookie_scripts_cannot_read(client):
    reply = sign_in(client, client.key)
    assert (reply.status_code, reply.headers["location"]) == (303, "/planner")
    cookie = reply.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    value = cookie.split(";")[0].partition("=")[2]
    headers = {"Cookie": f"{COOKIE}={value}"}
    assert client.get("/planner", headers=headers).status_code == 200
    assert client.get("/api/v1/schedule", headers=headers).status_code == 200
    client.opened.store.keys.revoke("planner")
    assert client.get("/planner", headers=headers).status_code == 303


def test_a_wrong_key_does_not_sign_in(client):
    reply = sign_in(client, "uk_wrong")
    assert reply.status_code == 401
    assert "set-cookie" not in reply.headers


def test_signing_in_never_leads_away(client):
    assert sign_in(client, client.key, "https://evil.example/").headers["location"] == "/planner"
    assert sign_in(client, client.key, "//evil.example").headers["location"] == "/planner"


def test_a_login_is_ours_unaltered_and_in_time():
    secret, now = b"k" * 32, int(time.time())
    cookie = write_login(Login("abc", now + 60), secret)
    assert read_login(cookie, secret, now=now) == Login("abc", now + 60)
    assert read_login(cookie, secret, now=now + 61) is None
    assert read_login(cookie, b"x" * 32, now=now) is None
    assert read_login(cookie[:-1] + "0", secret, now=now) in (None, Login("abc", now + 60))
    assert read_login("A" + cookie, secret, now=now) is None
    assert read_login("ä.ö", secret, now=now) is None


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 201),
        ({"Origin": "http://site"}, 201),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-origin"}, 201),
    ],
)
def test_pages_of_others_cannot_make_a_browser_change_things(client, headers, status):
    body = {"picks": {}, "measurements": client.foot()}
    assert client.post("/api/v1/quotes", body, headers=headers).status_code == status


@pytest.mark.parametrize("path", ["/", "/healthz", "/api/v1/nothing", "/login", "/static/x/y.js"])
def test_every_answer_carries_the_headers_that_keep_a_browser_safe(client, path):
    headers = client.get(path).headers
    policy = headers["content-security-policy"]
    assert "unsafe" not in policy
    for rule in ("default-src 'self'", "object-src 'none'", "frame-ancestors 'self'"):
        assert rule in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"


@pytest.mark.parametrize("path", ["../settings.py", "..%2fsettings.py", "/etc/passwd", ""])
def test_files_outside_of_their_folder_are_not_served(client, path):
    assert client.get(f"/static/v/{path}").status_code == 404


def test_a_shops_own_page_may_call_and_frame_and_a_sub_path_is_in_every_address(client):
    from unikat.edge.web import WebSettings, create_app

    shop = "https://shop.example"
    file = client.opened.models.file
    settings = WebSettings(
        epoch=file.epoch, zone=file.zone, shop_origins=(shop,), root_path="/made"
    )
    client.app = create_app(client.opened.site, client.opened.store, settings)
    body = {"picks": {}, "measurements": client.foot()}
    reply = client.post("/api/v1/quotes", body, headers={"Origin": shop})
    assert reply.status_code == 201
    assert reply.headers["access-control-allow-origin"] == shop
    assert reply.json()["part_url"].startswith("/made/api/v1/quotes/")
    page = client.get("/")
    assert f"frame-ancestors 'self' {shop}" in page.headers["content-security-policy"]
    assert 'action="/made/' in page.text
    assert 'href="/made/static/' in page.text
    client.web.clerk.shutdown()

"""A site in memory behind its web application, called without a network."""

import asyncio
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import httpx
import pytest
from fastapi import FastAPI

from sites import MONDAY_6, open_example, persons
from unikat.edge.main import OpenSite
from unikat.edge.store.keys import create_key
from unikat.edge.web import WebSettings, create_app
from unikat.edge.web.call import Web
from unikat.edge.web.settings import Example
from unikat.rehearse import VirtualClock

MEASURES = ("foot_length", "foot_breadth", "heel_breadth", "ball_length")


def foot(person: int = 0) -> Mapping[str, float]:
    return {name: persons()[person][name] for name in MEASURES}


@dataclass
class Client:
    """Calls the application as a client would, one request a call."""

    app: FastAPI
    clock: VirtualClock
    opened: OpenSite
    key: str
    floor_key: str

    def foot(self, person: int = 0, **changed: float) -> dict[str, float]:
        return {**foot(person), **changed}

    @property
    def web(self) -> Web:
        return self.app.state.web

    def send(self, method, path, *, key=None, headers=None, **options) -> httpx.Response:
        sent = dict(headers or {})
        if key:
            sent["Authorization"] = f"Bearer {key}"

        async def call() -> httpx.Response:
            transport = httpx.ASGITransport(self.app)
            async with httpx.AsyncClient(transport=transport, base_url="http://site") as client:
                return await client.request(method, path, headers=sent, **options)

        return asyncio.run(call())

    def get(self, path, **options) -> httpx.Response:
        return self.send("GET", path, **options)

    def post(self, path, content=None, **options) -> httpx.Response:
        return self.send("POST", path, json=content, **options)

    def quote(self, person: int = 0, **picks) -> dict:
        body = {"picks": picks, "measurements": foot(person)}
        reply = self.post("/api/v1/quotes", body)
        assert reply.status_code == 201, reply.text
        return reply.json()

    def order(self, person: int = 0, **picks) -> dict:
        body = {"quote_id": self.quote(person, **picks)["id"], "customer": f"person {person}"}
        reply = self.post("/api/v1/orders", body)
        assert reply.status_code == 201, reply.text
        return reply.json()


@pytest.fixture
def client() -> Iterator[Client]:
    clock = VirtualClock(MONDAY_6)
    opened = open_example(clock=clock)
    keys = opened.store.keys
    file = opened.models.file
    settings = WebSettings(
        epoch=file.epoch, zone=file.zone, examples=(Example("Foot 1", foot(0)),), secret=b"s" * 32
    )
    app = create_app(opened.site, opened.store, settings)
    planner = create_key(keys, "planner", ("planner",))
    yield Client(app, clock, opened, planner, create_key(keys, "floor", ("floor",)))
    app.state.web.clerk.shutdown()
    opened.close()


@pytest.fixture
def unchanged(client: Client) -> Iterator[None]:
    """The log and the open quotes' capacity are as before when the test ends."""
    before = client.opened.site.log.head()
    yield
    assert client.opened.site.log.head() == before

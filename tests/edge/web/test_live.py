"""The live stream: every event once and in sequence, whatever happened to the connection."""

import asyncio
import json

from unikat.edge.web.live import QUEUE, RESYNC, Broadcast, offer


def deltas(frames):
    parsed = []
    for frame in frames:
        fields = dict(line.split(": ", 1) for line in frame.decode().splitlines() if ": " in line)
        if fields.get("event") == "delta":
            delta = json.loads(fields["data"])
            assert int(fields["id"]) == delta["seq"]
            parsed.append(delta)
    return parsed


def seqs(frames):
    return [event["seq"] for delta in deltas(frames) for event in delta["events"]]


async def take(frames, number):
    return [await asyncio.wait_for(anext(frames), 5) for _ in range(number)]


def test_each_look_sends_what_changed_to_everybody(client):
    async def story():
        broadcast = Broadcast(5.0, 15.0)
        await broadcast.look(client.web)
        streams = [broadcast.listen(client.web, 0) for _ in range(3)]
        for stream in streams:
            await take(stream, 1)
            waiting = asyncio.ensure_future(anext(stream))
            await asyncio.sleep(0)
            waiting.cancel()
        await asyncio.to_thread(client.order, 0)
        await asyncio.to_thread(client.order, 1)
        await broadcast.look(client.web)
        return broadcast

    broadcast = asyncio.run(story())
    frames = [frame for _, _, frame in broadcast._ring]
    assert seqs(frames) == [1, 2]
    assert len(deltas(frames)[0]["orders"]) == 2


def test_a_client_that_comes_back_gets_what_it_missed_from_the_ring(client):
    async def story():
        broadcast = Broadcast(5.0, 15.0)
        await broadcast.look(client.web)
        for person in range(4):
            await asyncio.to_thread(client.order, person)
            await broadcast.look(client.web)
        return [await broadcast.backlog(client.web, after) for after in range(5)]

    missed = asyncio.run(story())
    assert [seqs(frames) for frames in missed] == [[1, 2, 3, 4], [2, 3, 4], [3, 4], [4], []]


def test_after_a_restart_of_the_server_the_log_fills_the_gap(client):
    async def story():
        for person in range(3):
            await asyncio.to_thread(client.order, person)
        fresh = Broadcast(5.0, 15.0)
        await fresh.look(client.web)
        return await fresh.backlog(client.web, 1)

    frames = asyncio.run(story())
    assert seqs(frames) == [2, 3]
    assert set(deltas(frames)[0]["floor"]["units"]) == set(client.opened.site.plant.units)


def test_a_client_from_the_future_loads_everything_anew(client):
    async def story():
        broadcast = Broadcast(5.0, 15.0)
        await broadcast.look(client.web)
        return await broadcast.backlog(client.web, 99)

    assert asyncio.run(story()) == [RESYNC]


def test_a_client_that_does_not_read_costs_a_bounded_queue_and_is_told_to_load_anew():
    async def story():
        queue: asyncio.Queue[bytes] = asyncio.Queue(QUEUE)
        for number in range(QUEUE + 1):
            offer(queue, b"%d" % number)
        return [queue.get_nowait() for _ in range(queue.qsize())]

    assert asyncio.run(story()) == [RESYNC]


def test_a_quiet_stream_beats_and_forgets_its_client_at_the_end(client):
    async def story():
        broadcast = Broadcast(5.0, 0.01)
        stream = broadcast.listen(client.web, 0)
        first, beat = await take(stream, 2)
        listening = broadcast.num_clients
        await stream.aclose()
        return first, beat, listening, broadcast.num_clients

    first, beat, before, after = asyncio.run(story())
    assert first.startswith(b"retry:")
    assert beat.startswith(b":")
    assert (before, after) == (1, 0)

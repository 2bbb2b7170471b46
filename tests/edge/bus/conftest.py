import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from brokers import Mosquitto, free_port
from sites import models
from unikat.edge.equipment import plant_time
from unikat.edge.times import PlantTime


@pytest.fixture(scope="session")
def time() -> PlantTime:
    return plant_time(models())


@pytest.fixture
def mosquitto() -> Iterator[Mosquitto]:
    with tempfile.TemporaryDirectory() as folder:
        broker = Mosquitto(Path(folder), free_port())
        broker.start()
        yield broker
        broker.stop()

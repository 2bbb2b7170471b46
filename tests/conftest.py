"""Settings every test shares: how hard Hypothesis looks, and which browser is used.

`dev` is quick, `ci` draws the same examples every time, `deep` is for a night
(`HYPOTHESIS_PROFILE=deep python3 run.py test tests/order`).
"""

import os
import shutil

import pytest
from hypothesis import HealthCheck, settings

IS_CI = os.environ.get("CI") == "true"
CALM = [HealthCheck.too_slow]  # the first example of a kernel compiles it

settings.register_profile("dev", max_examples=50, deadline=None, suppress_health_check=CALM)
settings.register_profile(
    "ci",
    max_examples=100,
    deadline=None,
    derandomize=True,
    print_blob=True,
    suppress_health_check=CALM,
)
settings.register_profile("deep", max_examples=5000, deadline=None, suppress_health_check=CALM)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci" if IS_CI else "dev"))


@pytest.fixture(scope="session")
def chromium() -> str:
    """Return the path of the system's Chromium; a test that needs one fails without it."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if path := shutil.which(name):
            return path
    return pytest.fail("no Chromium on PATH: `python3 run.py test` installs it or says how")

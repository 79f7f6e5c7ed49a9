"""What all tests share."""

import os

from hypothesis import HealthCheck, settings

pytest_plugins = ["tests.sandbox_server"]

# A busy machine must not fail a law for being slow; and a CI run finds what the run before found.
settings.register_profile(
    "kbuild",
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    derandomize=bool(os.environ.get("CI")),
)
settings.load_profile("kbuild")

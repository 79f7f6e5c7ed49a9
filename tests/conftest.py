"""What all tests share."""

pytest_plugins = ["tests.sandbox_server"]

import pytest
from pytest_socket import disable_socket, enable_socket


@pytest.fixture(autouse=True)
def _no_network():
    # Here and not as a flag: component, built and browser tests run in the same pytest and talk over loopback.
    disable_socket(allow_unix_socket=True)
    yield
    enable_socket()

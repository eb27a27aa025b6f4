import socket

import pytest
from pytest_socket import SocketBlockedError


def test_unit_tests_reach_no_network():
    # The plug-in also warns, and our settings turn warnings into errors.
    with pytest.raises((SocketBlockedError, UserWarning), match="A test tried to use socket"):
        socket.create_connection(("127.0.0.1", 9))

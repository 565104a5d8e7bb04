"""Where pages are served from."""

import socket

from pages.serving import listening


def test_what_is_accepted_is_known_to_be_tcp() -> None:
    """Else asyncio would leave small answers to the kernel, which holds them back until it has heard of the ones before."""
    with listening("127.0.0.1", 0) as listener, socket.create_connection(listener.getsockname()):
        accepted, _ = listener.accept()
        with accepted:
            assert (listener.proto, accepted.proto) == (socket.IPPROTO_TCP, socket.IPPROTO_TCP)

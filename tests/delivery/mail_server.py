"""A real mail server on the loopback, and one that breaks off where it is told to."""

import contextlib
import datetime as dt
import socket
import ssl
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, BinaryIO

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope, LoginPassword
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

HOST = "127.0.0.1"


class Mailbox:
    """Keeps what arrives; answers as it is told."""

    def __init__(self) -> None:
        """Take everything at first."""
        self.received: list[Envelope] = []
        self.users: list[bytes] = []
        self.clients = set[tuple[str, int]]()  # one address and port for each connection
        self.at_sender = self.at_recipient = self.at_content = "250 OK"

    async def handle_MAIL(self, *said: Any) -> str:  # noqa: ANN401, N802  # server, session, envelope, address, options
        """Answer the sender."""
        self.clients.add(said[1].peer)
        if self.at_sender.startswith("2"):
            said[2].mail_from = said[3]
        return self.at_sender

    async def handle_RCPT(self, *said: Any) -> str:  # noqa: ANN401, N802  # server, session, envelope, address, options
        """Answer the recipient."""
        if self.at_recipient.startswith("2"):
            said[2].rcpt_tos.append(said[3])
        return self.at_recipient

    async def handle_DATA(self, *said: Any) -> str:  # noqa: ANN401, N802  # server, session, envelope
        """Keep the message."""
        if self.at_content.startswith("2"):
            self.received.append(said[2])
        return self.at_content

    def authenticate(self, *said: Any) -> AuthResult:  # noqa: ANN401  # server, session, envelope, mechanism, login
        """Let in whoever knows the password."""
        login: LoginPassword = said[4]
        self.users.append(login.login)
        return AuthResult(success=login.password == b"secret")


@contextlib.contextmanager
def mail_server(box: Mailbox, context: ssl.SSLContext | None = None) -> Iterator[int]:
    """Run a mail server for a while, with TLS and login where it has a context; give its port."""
    controller = Controller(
        box,
        hostname=HOST,
        port=free_port(),
        tls_context=context,
        require_starttls=context is not None,
        authenticator=box.authenticate,
        auth_required=context is not None,
    )
    controller.start()
    try:
        yield controller.port
    finally:
        controller.stop()


@contextlib.contextmanager
def broken_server(*conversations: Sequence[bytes]) -> Iterator[int]:
    """Run a server that holds so many conversations, one after the other, and closes each connection at its end.

    A conversation is the answers, one for each line that the server reads; after `354` it reads to the lone dot.
    """
    with socket.create_server((HOST, 0)) as listener:
        thread = threading.Thread(target=_answer, args=(listener, conversations), daemon=True)
        thread.start()
        yield listener.getsockname()[1]
        thread.join(timeout=10)


def _answer(listener: socket.socket, conversations: Sequence[Sequence[bytes]]) -> None:
    for answers in conversations:
        connection, _ = listener.accept()
        with connection, connection.makefile("rb") as lines:
            for answer in answers:
                connection.sendall(answer + b"\r\n")
                _read_through(lines, b".\r\n" if answer.startswith(b"354") else None)


def _read_through(lines: BinaryIO, last: bytes | None) -> None:
    """Read one line, or all through the last."""
    line = lines.readline()
    while last is not None and line not in {last, b""}:
        line = lines.readline()


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as one:
        one.bind((HOST, 0))
        return int(one.getsockname()[1])


def certificate(folder: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """Return what a server with its own certificate needs, and what a client needs to trust it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(dt.datetime(2020, 1, 1, tzinfo=dt.UTC))
        .not_valid_after(dt.datetime(2120, 1, 1, tzinfo=dt.UTC))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = folder / "server.pem"
    no_password = serialization.NoEncryption()
    encoding, form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    pem.write_bytes(key.private_bytes(encoding, form, no_password) + made.public_bytes(encoding))
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(pem)
    return server, ssl.create_default_context(cafile=str(pem))

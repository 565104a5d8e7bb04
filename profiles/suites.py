"""The crypto suites: AES-256-GCM with HMAC-SHA256, and SM4-GCM with HMAC-SM3.

Both come from `cryptography`. A suite only computes; which key it gets and what it is bound to is said in
`profiles.identity`.
"""

import hmac
from collections.abc import Callable, Iterable
from typing import ClassVar, Protocol

from cryptography.hazmat.primitives.ciphers import Cipher, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.ciphers.algorithms import SM4
from cryptography.hazmat.primitives.hashes import SM3
from cryptography.hazmat.primitives.hmac import HMAC

from core.errors import RunError
from core.settings import SettingsCode

NONCE_BYTES = 12  # what GCM is defined for (NIST SP 800-38D, 8.2)
TAG_BYTES = 16

Transform = Callable[[bytes, bytes, bytes], bytes]
"""Seals or opens: a nonce, the bytes, and what they are bound to."""


class CryptoSuite(Protocol):
    """A cipher and a keyed digest that belong together."""

    name: ClassVar[str]
    mark: ClassVar[bytes]  # one byte before every ciphertext: which suite sealed it
    key_bytes: ClassVar[int]

    def sealer(self, key: bytes) -> Transform:
        """Return what makes ciphertext and tag of plain bytes."""

    def opener(self, key: bytes) -> Transform:
        """Return what makes plain bytes of ciphertext and tag.

        Fails: `cryptography.exceptions.InvalidTag`, when it is called, where anything differs from what was sealed.
        """

    def digests(self, key: bytes, messages: Iterable[bytes]) -> list[bytes]:
        """Return the keyed digest of each message, 32 bytes."""


class AesSuite:
    """The international suite; the default."""

    name: ClassVar[str] = "aes-256-gcm"
    mark: ClassVar[bytes] = b"\x01"
    key_bytes: ClassVar[int] = 32

    def sealer(self, key: bytes) -> Transform:
        """Return what makes ciphertext and tag of plain bytes."""
        return AESGCM(key).encrypt

    def opener(self, key: bytes) -> Transform:
        """Return what makes plain bytes of ciphertext and tag."""
        return AESGCM(key).decrypt

    def digests(self, key: bytes, messages: Iterable[bytes]) -> list[bytes]:
        """Return the HMAC-SHA256 of each message."""
        keyed = hmac.new(key, digestmod="sha256")  # the key is taken in once, not with every message
        found = []
        for message in messages:
            one = keyed.copy()
            one.update(message)
            found.append(one.digest())
        return found


class Sm4Suite:
    """The Chinese national suite: GB/T 32907-2016 and GB/T 32905-2016."""

    name: ClassVar[str] = "sm4-gcm"
    mark: ClassVar[bytes] = b"\x02"
    key_bytes: ClassVar[int] = 16

    def sealer(self, key: bytes) -> Transform:
        """Return what makes ciphertext and tag of plain bytes."""
        cipher = SM4(key)

        def seal(nonce: bytes, plain: bytes, bound_to: bytes) -> bytes:
            encryptor = Cipher(cipher, modes.GCM(nonce)).encryptor()
            encryptor.authenticate_additional_data(bound_to)
            return encryptor.update(plain) + encryptor.finalize() + encryptor.tag

        return seal

    def opener(self, key: bytes) -> Transform:
        """Return what makes plain bytes of ciphertext and tag."""
        cipher = SM4(key)

        def opened(nonce: bytes, sealed: bytes, bound_to: bytes) -> bytes:
            decryptor = Cipher(cipher, modes.GCM(nonce, sealed[-TAG_BYTES:])).decryptor()
            decryptor.authenticate_additional_data(bound_to)
            return decryptor.update(sealed[:-TAG_BYTES]) + decryptor.finalize()

        return opened

    def digests(self, key: bytes, messages: Iterable[bytes]) -> list[bytes]:
        """Return the HMAC-SM3 of each message."""
        keyed = HMAC(key, SM3())
        found = []
        for message in messages:
            one = keyed.copy()
            one.update(message)
            found.append(one.finalize())
        return found


SUITES: dict[str, CryptoSuite] = {suite.name: suite for suite in (AesSuite(), Sm4Suite())}
"""The suites by the name that settings give."""


def self_test(suite: CryptoSuite) -> None:
    """Check a suite against answers known from its standards, before anything is sealed with it.

    Fails:  RunError where an answer differs: the installed library cannot be trusted with this suite.
    Source: RFC 4231 case 2; McGrew and Viega, GCM test case 14; GB/T 32905-2016 and GB/T 32907-2016 as
            published by OpenSSL and checked with a second library.
    """
    key, nonce, plain, bound_to, sealed, digest = _ANSWERS[suite.name]
    is_right = (
        suite.sealer(key)(nonce, plain, bound_to) == sealed
        and suite.opener(key)(nonce, sealed, bound_to) == plain
        and suite.digests(b"Jefe", [b"what do ya want for nothing?"]) == [digest]
    )
    if not is_right:
        raise RunError.one(
            SettingsCode.SELF_TEST,
            suite.name,
            "the crypto suite does not give the answers of its standard",
            "reinstall `cryptography`; nothing has been sealed",
        )


_ANSWERS: dict[str, tuple[bytes, bytes, bytes, bytes, bytes, bytes]] = {
    "aes-256-gcm": (
        bytes(32),
        bytes(12),
        bytes(16),
        b"",
        bytes.fromhex("cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919"),
        bytes.fromhex("5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"),
    ),
    # RFC 8998, A.1: the SM4-GCM example.
    "sm4-gcm": (
        bytes.fromhex("0123456789abcdeffedcba9876543210"),
        bytes.fromhex("00001234567800000000abcd"),
        bytes.fromhex(
            "aaaaaaaaaaaaaaaabbbbbbbbbbbbbbbbccccccccccccccccdddddddddddddddd"
            "eeeeeeeeeeeeeeeeffffffffffffffffeeeeeeeeeeeeeeeeaaaaaaaaaaaaaaaa"
        ),
        bytes.fromhex("feedfacedeadbeeffeedfacedeadbeefabaddad2"),
        bytes.fromhex(
            "17f399f08c67d5ee19d0dc9969c4bb7d5fd46fd3756489069157b282bb200735"
            "d82710ca5c22f0ccfa7cbf93d496ac15a56834cbcf98c397b4024a2691233b8d"
            "83de3541e4c2b58177e065a9bf7b62ec"
        ),
        bytes.fromhex("2e87f1d16862e6d964b50a5200bf2b10b764faa9680a296a2405f24bec39f882"),
    ),
}

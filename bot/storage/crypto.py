"""Encryption of what is kept of people: one master secret, two derived keys, each record bound to its place.

AES-256-GCM with a random nonce; table and row are authenticated with it, so that a record moved elsewhere does not
open. The id of the key stands before each record, so that keys can be rotated. Chats are found by a
keyed hash, never by id.
"""

from __future__ import annotations

import hashlib
import hmac
import os
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

NONCE = 12
KEY_ID = 4
KEY = 32
HASH = 16
"""Bytes of a chat's hash kept: 128 bits, far beyond any collision among chats."""


class Sealed(Exception):
    """A record that none of the known keys opens."""


class Keys:
    """The keys of one bot; `secrets` holds the current master secret and then older ones that still open records.

    The hash key comes from the last (oldest) secret, so that chats are still found after a rotation.
    """

    def __init__(self, secrets: tuple[bytes, ...]) -> None:
        if not secrets or any(len(secret) < KEY for secret in secrets):
            raise ValueError("a master secret has at least 32 bytes")
        self._secrets = secrets
        self._ciphers = {_key_id(secret): AESGCM(_derive(secret, b"rahnuma encrypt")) for secret in secrets}
        self._current = _key_id(secrets[0])
        self._hash_key = _derive(secrets[-1], b"rahnuma hash")
        self.hash = lru_cache(4096)(self._hash)
        """The keyed hash by which a chat is found, from its id."""

    def _hash(self, chat_id: int) -> bytes:
        return hmac.digest(self._hash_key, str(chat_id).encode(), hashlib.sha256)[:HASH]

    def derived(self, purpose: str) -> tuple[bytes, ...]:
        """A key for another purpose from each secret, the current one first."""
        return tuple(_derive(secret, b"rahnuma " + purpose.encode()) for secret in self._secrets)

    def seal(self, plain: bytes, table: str, row: bytes) -> bytes:
        """Encrypts for exactly this row of this table."""
        nonce = os.urandom(NONCE)
        return (
            self._current
            + nonce
            + self._ciphers[self._current].encrypt(nonce, plain, table.encode() + b"/" + row)
        )

    def open(self, sealed: bytes, table: str, row: bytes) -> bytes:
        """Decrypts. Raises Sealed when the key is unknown or the record was changed or moved."""
        cipher = self._ciphers.get(sealed[:KEY_ID])
        if cipher is None:
            raise Sealed
        nonce, body = sealed[KEY_ID : KEY_ID + NONCE], sealed[KEY_ID + NONCE :]
        try:
            return cipher.decrypt(nonce, body, table.encode() + b"/" + row)
        except InvalidTag:
            raise Sealed from None


def _derive(secret: bytes, purpose: bytes) -> bytes:
    return HKDF(SHA256(), KEY, salt=None, info=purpose).derive(secret)


def _key_id(secret: bytes) -> bytes:
    return _derive(secret, b"rahnuma key id")[:KEY_ID]

"""TLS contexts for both sides of a connection (TLS-01, TLS-03).

Suites and versions are those that the NCSC guideline for TLS rates good: ECDHE with AES-GCM or ChaCha20-Poly1305, and
the three suites of TLS 1.3. Security level 2 of OpenSSL refuses RSA keys below 2048 bits and SHA-1 in certificates
(TLS-02). Reading the files blocks: make contexts at start or off the event loop.
"""

import ssl
from pathlib import Path
from typing import Final

CIPHERS: Final = (
    "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384"
    ":ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305"
    ":ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256"
    ":@SECLEVEL=2"
)
"""For TLS 1.2. Those of TLS 1.3 are OpenSSL's own three, all good."""
SERVER_GROUP: Final = "prime256v1"
"""The one group a server accepts: good, universally supported, and it shuts out the 2048-bit finite-field group."""


def server_context(certificate: Path, key: Path, *, client_ca: Path | None = None) -> ssl.SSLContext:
    """The server's side.

    Args:
        certificate: PEM: the server's own, then its intermediates.
        key: PEM, unencrypted.
        client_ca: PEM bundle. When given, every client must show a certificate under it, and no session is resumed,
            so that every connection proves its key again (S77).

    Raises:
        OSError: a file cannot be read (`ssl.SSLError`, a kind of it, when it does not hold what it should).
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    _harden(context)
    context.options |= ssl.OP_CIPHER_SERVER_PREFERENCE | ssl.OP_SINGLE_ECDH_USE
    context.set_ecdh_curve(SERVER_GROUP)
    context.load_cert_chain(certificate, key)
    if client_ca is not None:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(client_ca)
        context.options |= ssl.OP_NO_TICKET
        context.num_tickets = 0
    return context


def client_context(
    ca: Path | None = None, *, certificate: Path | None = None, key: Path | None = None
) -> ssl.SSLContext:
    """The client's side; the server's certificate and name are always checked.

    Args:
        ca: PEM bundle under which servers must be; None for the system's.
        certificate: PEM: our own for mutual TLS, then its intermediates.
        key: PEM, unencrypted; belongs to `certificate`.

    Raises:
        OSError: as `server_context`.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    _harden(context)
    if ca is None:
        context.load_default_certs()
    else:
        context.load_verify_locations(ca)
    if certificate is not None:
        context.load_cert_chain(certificate, key)
    return context


def _harden(context: ssl.SSLContext) -> None:
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers(CIPHERS)
    context.options |= ssl.OP_NO_COMPRESSION | ssl.OP_NO_RENEGOTIATION

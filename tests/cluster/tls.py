"""A certificate for this machine alone, made anew for each run, and how this process and those that it starts come to believe it."""

import datetime
import functools
import ipaddress
import os
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from httpx._transports import default as transports

DAY = datetime.timedelta(days=1)


def make_certificate(folder: Path) -> tuple[Path, Path]:
    """Write certificate.pem and key.pem for 127.0.0.1 and localhost; their paths."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "fourhands of these tests")])
    now = datetime.datetime.now(datetime.UTC)
    names = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1")), x509.DNSName("localhost")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - DAY)
        .not_valid_after(now + DAY)
        .add_extension(names, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    certificate, private = folder / "certificate.pem", folder / "key.pem"
    certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
    private.chmod(0o600)
    return certificate, private


def believe(certificate: Path) -> None:
    """From now on OpenSSL, httpx and Node in this process and its children believe this certificate, and no other."""
    os.environ["SSL_CERT_FILE"] = os.environ["NODE_EXTRA_CA_CERTS"] = str(certificate)
    cached = getattr(transports, "create_ssl_context")  # noqa: B009 - tests/conftest.py keeps what it has read
    if isinstance(cached, functools._lru_cache_wrapper):
        cached.cache_clear()

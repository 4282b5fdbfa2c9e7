"""The secrets of an installation, as the settings name them: what signs tokens, and what encrypts what is kept."""

import base64
import os
import secrets

from fourhands.errors import InvalidRequest
from fourhands.settings import Settings

ENCRYPTION_KEY_BYTES = 32


def load_secret(settings: Settings) -> str:
    """The secret that signs tokens: as set, or made once and kept in the data directory with mode 600.

    Raises `InvalidRequest` if the kept one cannot be read or written.
    """
    if settings.secret_key:
        return settings.secret_key
    path = settings.data_dir / "secret"
    try:
        settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        try:
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
                file.write(secrets.token_urlsafe(32))
        except FileExistsError:
            path.chmod(0o600)
        secret = path.read_text().strip()
    except OSError as error:
        raise InvalidRequest(f"The secret at {path} cannot be kept: {error}. Set SECRET_KEY, or choose another FOURHANDS_DATA_DIR.") from error
    if len(secret) < 16:
        raise InvalidRequest(f"The secret at {path} is too short: remove the file to have a new one made (people join again then).")
    return secret


def load_encryption_keys(settings: Settings) -> tuple[bytes, ...]:
    """The keys that encrypt what is kept, newest first; none if encryption is off. Raises `InvalidRequest`; no key is ever in its sentence."""
    path = settings.encryption_keys_file
    if path is None:
        return tuple(_encryption_key(text, f"FOURHANDS_ENCRYPTION_KEYS, key {number}") for number, text in enumerate(settings.encryption_keys, 1))
    if settings.encryption_keys:
        raise InvalidRequest("Set FOURHANDS_ENCRYPTION_KEYS or FOURHANDS_ENCRYPTION_KEYS_FILE, not both.")
    try:
        lines = path.read_text("ascii").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidRequest(f"The encryption keys at {path} cannot be read: {getattr(error, 'strerror', None) or 'they are not ASCII'}.") from error
    keys = tuple(_encryption_key(line.strip(), f"{path}, line {number}") for number, line in enumerate(lines, 1) if line.strip() and line[0] != "#")
    if not keys:
        raise InvalidRequest(f"There is no encryption key in {path}.")
    return keys


def _encryption_key(text: str, where: str) -> bytes:
    try:
        key = base64.b64decode(text.replace("-", "+").replace("_", "/"), validate=True)
    except ValueError:
        key = b""
    if len(key) != ENCRYPTION_KEY_BYTES:
        raise InvalidRequest(
            f"{where}: this is not 32 bytes in base64. Make a key with: "
            "python3 -c 'import base64, secrets; print(base64.b64encode(secrets.token_bytes(32)).decode())'"
        ) from None
    return key

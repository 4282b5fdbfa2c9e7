"""Secrets: made once and kept to their owner, read from where the settings say, and never shown."""

import base64
import stat
from pathlib import Path

import pytest

from fourhands.errors import InvalidRequest
from fourhands.kept_secrets import load_encryption_keys, load_secret
from fourhands.settings import Settings


def test_a_secret_is_made_once_and_kept_to_its_owner(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path / "new")
    secret = load_secret(settings)
    assert len(secret) >= 32
    assert load_secret(settings) == secret
    assert stat.S_IMODE((tmp_path / "new" / "secret").stat().st_mode) == 0o600
    assert load_secret(Settings(data_dir=tmp_path, secret_key="k" * 16)) == "k" * 16


def test_a_secret_that_cannot_be_kept_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(InvalidRequest, match="SECRET_KEY"):
        load_secret(Settings(data_dir=tmp_path / "file"))
    (tmp_path / "secret").write_text("short")
    (tmp_path / "secret").chmod(0o644)
    with pytest.raises(InvalidRequest, match="too short"):
        load_secret(Settings(data_dir=tmp_path))


def test_encryption_keys_come_newest_first_from_the_environment_or_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    new, old = bytes(range(32)), b"\xfb\xff" * 16
    texts = [base64.b64encode(new).decode(), base64.urlsafe_b64encode(old).decode()]
    assert load_encryption_keys(Settings()) == ()
    monkeypatch.setenv("FOURHANDS_ENCRYPTION_KEYS", ", ".join(texts))
    assert load_encryption_keys(Settings()) == (new, old)
    monkeypatch.delenv("FOURHANDS_ENCRYPTION_KEYS")
    (tmp_path / "keys").write_text("# since May\n{}\n\n{}\n".format(*texts))
    assert load_encryption_keys(Settings(encryption_keys_file=tmp_path / "keys")) == (new, old)


def test_encryption_keys_that_make_no_sense_are_refused_without_being_shown(tmp_path: Path) -> None:
    good, secret = base64.b64encode(bytes(32)).decode(), "c2VjcmV0"
    for keys in ((secret,), (good, secret), ("not base64 at all!",), ("é" * 44,)):
        with pytest.raises(InvalidRequest, match=f"KEYS, key {len(keys)}: this is not 32 bytes in base64") as caught:
            load_encryption_keys(Settings(encryption_keys=keys))
        assert keys[-1] not in str(caught.value)
    (tmp_path / "keys").write_text(f"{good}\n{secret}\n")
    with pytest.raises(InvalidRequest, match="keys, line 2: this is not 32 bytes") as caught:
        load_encryption_keys(Settings(encryption_keys_file=tmp_path / "keys"))
    assert secret not in str(caught.value)


@pytest.mark.parametrize(
    ("content", "sentence"), [(None, "cannot be read"), (b"", "no encryption key"), (b"# none\n", "no encryption key"), (b"\xff", "not ASCII")]
)
def test_a_file_without_encryption_keys_is_refused(tmp_path: Path, content: bytes | None, sentence: str) -> None:
    path = tmp_path / "keys"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(InvalidRequest, match=sentence):
        load_encryption_keys(Settings(encryption_keys_file=path))
    with pytest.raises(InvalidRequest, match="not both"):
        load_encryption_keys(Settings(encryption_keys_file=path, encryption_keys=("x",)))

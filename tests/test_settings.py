"""Settings come from the environment, and insecure ones refuse to start."""

import base64
import stat
from pathlib import Path

import pytest
from pydantic import ValidationError

from fourhands.errors import InvalidRequest
from fourhands.settings import Settings, is_loopback, load_encryption_keys, load_secret


def test_names_known_everywhere_are_understood(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"PORT": "9000", "DATABASE_URL": "sqlite:////x.db", "SECRET_KEY": "k" * 16, "MAX_CONTENT_LENGTH": "2048"}.items():
        monkeypatch.setenv(name, value)
    settings = Settings()
    assert (settings.port, settings.database, settings.secret_key, settings.request_bytes) == (9000, "sqlite:////x.db", "k" * 16, 2048)
    monkeypatch.setenv("FOURHANDS_PORT", "9001")
    assert Settings().port == 9001


def test_paths_and_lists_are_read_as_people_write_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FOURHANDS_ALLOWED_ORIGINS", "https://a.example, https://b.example")
    monkeypatch.setenv("FOURHANDS_ROOT_PATH", "pad/")
    monkeypatch.setenv("FOURHANDS_PUBLIC_URL", "https://c.example/")
    settings = Settings()
    assert settings.allowed_origins == ("https://a.example", "https://b.example")
    assert (settings.root_path, settings.public_address) == ("/pad", "https://c.example/pad")
    monkeypatch.setenv("FOURHANDS_PUBLIC_URL", "https://c.example/pad")
    assert Settings().public_address == "https://c.example/pad"


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.1", "::", "pad.example"])
def test_letting_others_in_needs_a_secret(host: str) -> None:
    with pytest.raises(ValidationError, match="SECRET_KEY"):
        Settings(host=host)
    Settings(host=host, secret_key="s" * 16)
    with pytest.raises(ValidationError, match="16 characters"):
        Settings(host=host, secret_key="s" * 15)


@pytest.mark.parametrize(("host", "loopback"), [("127.0.0.1", True), ("::1", True), ("localhost", True), ("0.0.0.0", False), ("example.org", False)])
def test_what_loopback_is(host: str, loopback: bool) -> None:
    assert is_loopback(host) is loopback


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


def test_a_data_directory_with_odd_characters_is_quoted(tmp_path: Path) -> None:
    assert Settings(data_dir=Path("/a%41/b c")).database == "sqlite:////a%2541/b%20c/fourhands.db"


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

"""Settings as people see them."""

from fourhands.settings import Settings
from fourhands.settings_table import as_markdown, setting_rows


def test_every_setting_has_a_row_in_order() -> None:
    assert len(setting_rows()) == len(Settings.model_fields)
    assert setting_rows()[0].name == "FOURHANDS_HOST"


def test_plain_names_are_named_too() -> None:
    port = next(row for row in setting_rows() if row.name == "FOURHANDS_PORT")
    assert port.names == ("FOURHANDS_PORT", "PORT")


def test_what_is_set_stands_out_and_secrets_are_not_shown() -> None:
    secret = "a" * 32
    settings = Settings.model_validate(
        {"port": 9000, "secret_key": secret, "encryption_keys": secret, "allowed_origins": "https://a.example, https://b.example"}
    )
    rows = {row.name: row for row in setting_rows(settings)}
    assert (rows["FOURHANDS_PORT"].value, rows["FOURHANDS_PORT"].is_default) == ("9000", False)
    assert rows["FOURHANDS_SECRET_KEY"].value == "(set)"
    assert rows["FOURHANDS_ENCRYPTION_KEYS"].value == "(set)"
    assert not any(secret in row.value for row in rows.values())
    assert rows["FOURHANDS_ALLOWED_ORIGINS"].value == "https://a.example,https://b.example"
    assert rows["FOURHANDS_IDLE_SECONDS"].is_default


def test_values_are_written_as_the_environment_takes_them() -> None:
    rows = {row.name: row.default for row in setting_rows()}
    assert rows["FOURHANDS_ADHOC_ROOMS"] == "0"
    assert rows["FOURHANDS_IDLE_SECONDS"] == "210"
    assert rows["FOURHANDS_SECRET_KEY"] == ""


def test_the_table_is_markdown() -> None:
    lines = as_markdown().splitlines()
    assert len(lines) == len(Settings.model_fields) + 2
    assert all(line.startswith(("| ", "|-")) for line in lines)
    assert "| `FOURHANDS_PORT` or `PORT` | `8000` | Port to listen on; 0 takes a free one. |" in lines

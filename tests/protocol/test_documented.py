"""The frames that docs/protocol.md shows are golden ones, byte for byte, and a client can be written from them."""

import json
import re
from collections.abc import Mapping
from typing import Any, get_args

import msgspec
import pytest

from fourhands.protocol import close, events, sync
from fourhands.settings import Settings
from tests.architecture.sources import ROOT
from tests.protocol.golden.write import FOLDER

TEXT = (ROOT / "docs" / "protocol.md").read_text("utf-8")
ROW = re.compile(r"^\| ([^|]+) \| `((?:[0-9a-f]{2} ?)+)`", re.MULTILINE)
SHOWN: Mapping[str, bytes] = {name.strip(): bytes.fromhex(frame) for name, frame in ROW.findall(TEXT)}
GOLDEN: Mapping[str, Mapping[str, Any]] = {
    frame["name"]: frame for path in sorted(FOLDER.glob("*.json"), reverse=True) for frame in json.loads(path.read_text("utf-8"))
}


def test_every_kind_of_message_is_shown() -> None:
    assert {sync.decode(frame).kind for frame in SHOWN.values()} == set(sync.Kind)


@pytest.mark.parametrize("name", SHOWN)
def test_what_is_shown_is_the_golden_frame_of_that_name(name: str) -> None:
    assert SHOWN[name].hex() == GOLDEN[name]["frame"]


@pytest.mark.parametrize("kind", [*get_args(events.ServerEvent), *get_args(events.ClientEvent)])
def test_every_event_is_described(kind: type[msgspec.Struct]) -> None:
    assert f"`{kind.__struct_config__.tag}`" in TEXT


@pytest.mark.parametrize("code", close.CloseCode)
def test_every_close_code_is_described(code: close.CloseCode) -> None:
    assert re.search(rf"\b{code.value}\b", TEXT)


def test_settings_that_are_named_exist_and_have_the_defaults_that_are_shown() -> None:
    fields = Settings.model_fields
    assert {name for name in re.findall(r"FOURHANDS_([A-Z_]+)", TEXT) if name.lower() not in fields} == set()
    for name, shown in re.findall(r"`FOURHANDS_([A-Z_]+)` \(([\d,]+)\)", TEXT):
        assert fields[name.lower()].default == int(shown.replace(",", "")), name


def test_json_that_is_shown_is_json() -> None:
    shown = re.findall(r"`(\{\"type\".*?\})`", TEXT)
    assert shown
    for event in shown:
        assert json.loads(event.replace("N}", "1}"))["type"]

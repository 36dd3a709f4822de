"""The bare floor: the same requests by one process that has no queue and writes no rows.

    python -m benchmarks.floor ADDRESS REQUESTS PROMPT FOLDER

Prints one line of JSON: seconds, CPU seconds, and megabytes at most.
"""

import asyncio
import base64
import io
import json
import resource
import sys
from pathlib import Path
from time import perf_counter, process_time
from uuid import uuid4

import httpx
from PIL import Image

KEY = "sk-floor-0123456789"


def body(prompt: str) -> dict[str, object]:
    """What a step asks for by its settings, in the words of the provider."""
    return {
        "model": "gpt-image-2",
        "prompt": prompt,
        "n": 1,
        "size": "1024x1024",
        "quality": "low",
        "background": "auto",
        "moderation": "auto",
        "output_format": "png",
    }


async def one(client: httpx.AsyncClient, address: str, prompt: str, folder: Path) -> None:
    answer = await client.post(f"{address}/images/generations", json=body(prompt))
    answer.raise_for_status()
    for image in json.loads(answer.content)["data"]:
        file = base64.b64decode(image["b64_json"])
        with Image.open(io.BytesIO(file)) as picture:
            picture.load()
        (folder / f"{uuid4()}.png").write_bytes(file)


async def all_at_once(address: str, number: int, prompt: str, folder: Path) -> None:
    limits = httpx.Limits(max_connections=None)
    headers = {"Authorization": f"Bearer {KEY}"}
    async with httpx.AsyncClient(timeout=300, limits=limits, headers=headers) as client:
        await asyncio.gather(*(one(client, address, prompt, folder) for _ in range(number)))


def main(address: str, number: int, prompt: str, folder: Path) -> None:
    asyncio.run(all_at_once(address, 1, prompt, folder))  # the sandbox has drawn it now
    began, busy = perf_counter(), process_time()
    asyncio.run(all_at_once(address, number, prompt, folder))
    figures = {
        "seconds": perf_counter() - began,
        "cpu_seconds": process_time() - busy,
        "megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }
    print(json.dumps(figures))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), sys.argv[3], Path(sys.argv[4]))

"""A closed-loop streaming client on aiohttp, in the shape of the Python clients that serving frameworks ship."""

import argparse
import asyncio
import json
import resource
import time

import aiohttp


async def one(session, url, body):
    gaps = []
    chunks = 0
    began = time.perf_counter()
    first = last = began
    async with session.post(url + "/v1/completions", json=body) as response:
        if response.status != 200:
            return None
        async for line in response.content:
            line = line.strip()
            if not line.startswith(b"data: "):
                continue
            data = line[6:]
            if data == b"[DONE]":
                continue
            choices = json.loads(data)["choices"]
            if not choices or not choices[0]["text"]:
                continue
            now = time.perf_counter()
            if chunks == 0:
                first = now
            else:
                gaps.append((now - last) * 1e3)
            last = now
            chunks += 1
    tpot = (last - first) * 1e3 / (chunks - 1) if chunks > 1 else 0
    return (first - began) * 1e3, tpot, gaps, chunks


async def main():
    parser = argparse.ArgumentParser()
    for name in ("streams", "requests", "tokens"):
        parser.add_argument("--" + name, type=int, default=1)
    parser.add_argument("--url", required=True)
    args = parser.parse_args()
    body = {
        "model": "mock",
        "prompt": "hello",
        "max_tokens": args.tokens,
        "stream": True,
        "stream_options": {"include_usage": True},
    }
    samples = []
    left = iter(range(args.requests))
    connector = aiohttp.TCPConnector(limit=args.streams)
    timeout = aiohttp.ClientTimeout(total=3600)
    async with aiohttp.ClientSession(connector=connector, timeout=timeout) as session:

        async def stream():
            for _ in left:
                sample = await one(session, args.url, body)
                if sample is not None:
                    samples.append(sample)

        began = time.perf_counter()
        await asyncio.gather(*(stream() for _ in range(args.streams)))
        seconds = time.perf_counter() - began

    usage = resource.getrusage(resource.RUSAGE_SELF)

    def quantile(values, fraction):
        values = sorted(values)
        return values[int(fraction * (len(values) - 1))] if values else 0

    print(
        json.dumps(
            {
                "completed": len(samples),
                "chunks": sum(sample[3] for sample in samples),
                "durationS": seconds,
                "ttftP50Ms": quantile([sample[0] for sample in samples], 0.5),
                "ttftP99Ms": quantile([sample[0] for sample in samples], 0.99),
                "tpotP99Ms": quantile([sample[1] for sample in samples], 0.99),
                "gapP99Ms": quantile([gap for sample in samples for gap in sample[2]], 0.99),
                "cpuS": usage.ru_utime + usage.ru_stime,
                "maxRssMb": usage.ru_maxrss / 1024,
            }
        )
    )


asyncio.run(main())

#!/usr/bin/env python3
"""Writes datasketches-tdigest.json: what the C++ library of Apache DataSketches reads in our t-digests, and t-digests of its own.

Usage, with `pip install datasketches` and the project's node on the path; `biome format --write` sets the lines:
datasketches_tdigest.py > datasketches-tdigest.json
The type on both sides is tdigest_double: the bytes do not say whether they hold doubles or floats. Ranks of our digests are
those that the library reads; with digests of its own come the true mid-ranks of the raw values, since it splits a heavy
value among several centroids, and then reports a rank between their middles that is not the value's.
"""
import base64
import importlib.metadata
import json
import pathlib
import random
import subprocess
from bisect import bisect_left, bisect_right

from datasketches import tdigest_double

HERE = pathlib.Path(__file__).parent
PROBES = 20


def described(sketch):
    return {"n": sketch.get_total_weight(), "min": sketch.get_min_value(), "max": sketch.get_max_value()}


def read_by_cpp():
    ours = json.loads(subprocess.check_output(["node", HERE / "datasketches-digests.ts"]))
    for digest in ours:
        sketch = tdigest_double.deserialize(base64.b64decode(digest["bytes"]))
        assert sketch.get_total_weight() == digest["n"]
        if digest["n"] == 0:
            yield {"name": digest["name"], "bytes": digest["bytes"], "n": 0, "ranks": []}
            continue
        ranks = [[x, sketch.get_rank(x)] for x in digest["probes"]]
        # A copy of the sketch takes what it has read in: it is no dead end for a reader.
        merged = tdigest_double(200)
        merged.merge(sketch)
        merged.merge(sketch)
        assert merged.get_total_weight() == 2 * digest["n"]
        yield {"name": digest["name"], "bytes": digest["bytes"], **described(sketch), "ranks": ranks}


def values_of(name, n, generator):
    if name == "normal":
        return [generator.gauss(0, 1) for _ in range(n)]
    if name == "zeros and ones":
        return [float(generator.random() < 0.3) for _ in range(n)]
    if name == "integers":
        return [float(round(generator.gauss(40, 15))) for _ in range(n)]
    return [0.0 if generator.random() < 0.7 else generator.lognormvariate(0, 1) for _ in range(n)]


def written_by_cpp():
    for name in ["normal", "zeros and ones", "integers", "zeros and a lognormal"]:
        for n in [0, 1, 2, 1000, 100_000]:
            values = values_of(name, n, random.Random(n))
            sketch = tdigest_double(200)
            for value in values:
                sketch.update(value)
            encoded = base64.b64encode(sketch.serialize()).decode()
            if n == 0:
                yield {"name": name, "bytes": encoded, "n": 0, "ranks": []}
                continue
            values.sort()
            probes = sorted({values[i * (n - 1) // PROBES] for i in range(PROBES + 1)})
            ranks = [[x, (bisect_left(values, x) + bisect_right(values, x)) / 2 / n] for x in probes]
            yield {"name": name, "bytes": encoded, **described(sketch), "ranks": ranks}


def lines(digests):
    return "[\n" + ",\n".join(json.dumps(digest, separators=(",", ":")) for digest in digests) + "\n]"


print(f'{{"datasketches": "{importlib.metadata.version("datasketches")}",')
print(f'"readByCpp": {lines(read_by_cpp())},')
print(f'"writtenByCpp": {lines(written_by_cpp())}}}')

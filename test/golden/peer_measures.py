#!/usr/bin/env python3
"""Writes peer-measures.json: other monitors' rules put in NumPy and SciPy calls. Usage: peer_measures.py > peer-measures.json

Sources: Evidently, src/evidently/legacy/calculations/stattests (utils.py, registry.py and one file per test); NannyML,
nannyml/drift/univariate/methods.py. The samples are made by a generator that every language has: see `uniforms`.
"""
import json
import sys

import numpy as np
import scipy
from scipy import stats
from scipy.spatial.distance import jensenshannon


def uniforms(seed, count):
    x = seed
    for _ in range(count):
        x = (1664525 * x + 1013904223) % 2**32
        yield x / 2**32


def sample(seed, rows, shift):
    """Right-skewed, in products and sums only, which are the same doubles everywhere."""
    u = list(uniforms(seed, 2 * rows))
    return np.array([10 * u[2 * i] * u[2 * i] + u[2 * i + 1] + shift for i in range(rows)])


def filled(shares):
    shares = shares.copy()
    least = shares[shares > 0].min()
    shares[shares == 0] = least / 10**6 if least <= 0.0001 else 0.0001
    return shares


def evidently(reference, current):
    edges = np.histogram_bin_edges(np.concatenate([reference, current]), bins="sturges")
    p = np.histogram(reference, edges)[0] / len(reference)
    q = np.histogram(current, edges)[0] / len(current)
    of_distinct = np.histogram_bin_edges(np.unique(np.concatenate([reference, current])), bins="sturges")
    h1 = np.histogram(reference, of_distinct, density=True)[0]
    h2 = np.histogram(current, of_distinct, density=True)[0]
    width = (of_distinct[-1] - of_distinct[0]) / (len(of_distinct) - 1)
    fp, fq = filled(p), filled(q)
    return {
        "bins": len(edges) - 1,
        "psi": float(np.sum((fp - fq) * np.log(fp / fq))),
        "kl_div": float(stats.entropy(fp, fq)),
        "jensenshannon": float(jensenshannon(p, q)),
        "hellinger": float(np.sqrt(1 - np.sum(np.sqrt(h1 * h2) * width))),
        "wasserstein": float(stats.wasserstein_distance(reference, current) / max(np.std(reference), 0.001)),
        "ks": float(stats.ks_2samp(reference, current).pvalue),
    }


def nannyml(reference, current):
    edges = np.histogram_bin_edges(reference, bins="doane")
    p = np.histogram(reference, edges)[0] / len(reference)
    inside = np.histogram(current, edges)[0]
    q = inside / len(current)
    if inside.sum() < len(current):
        p, q = np.append(p, 0), np.append(q, 1 - inside.sum() / len(current))
    return {
        "bins": len(edges) - 1,
        "jensen_shannon": float(jensenshannon(p, q, base=2)),
        "hellinger": float(np.sqrt(np.sum((np.sqrt(p) - np.sqrt(q)) ** 2) / 2)),
        "kolmogorov_smirnov": nannyml_ks(reference, current),
        "wasserstein": nannyml_wasserstein(reference, current),
    }


def nannyml_ks(reference, current):
    if len(reference) < 10_000:
        return float(stats.ks_2samp(reference, current).statistic)
    edges = np.linspace(reference.min(), reference.max(), 10_001)
    f = np.cumsum(np.histogram(reference, edges)[0] / len(reference))
    g = np.mean(current < edges[0]) + np.cumsum(np.histogram(current, edges)[0] / len(current))
    return float(np.max(np.abs(f - g)))


def nannyml_wasserstein(reference, current):
    if len(reference) < 10_000:
        return float(stats.wasserstein_distance(reference, current))
    counts, edges = np.histogram(reference, bins=10_000)
    f = np.cumsum(counts / len(reference))
    below, above = current[current < edges[0]], current[current > edges[-1]]
    start = (len(below) + 1) / len(current) if len(below) else 0
    g = start + np.cumsum(np.histogram(current, edges)[0] / len(current))
    beyond = (edges[0] - below).sum() + (above - edges[-1]).sum()
    return float(np.sum(np.abs(f - g)) * (edges[1] - edges[0]) + beyond / len(current))


def databricks(reference, current):
    deciles = np.concatenate([[-np.inf], np.quantile(reference, np.arange(1, 10) / 10), [np.inf]])
    p = np.maximum(np.histogram(reference, deciles)[0] / len(reference), 1e-4)
    q = np.maximum(np.histogram(current, deciles)[0] / len(current), 1e-4)
    return {
        "ks_statistic": float(stats.ks_2samp(reference, current).statistic),
        "wasserstein_distance": float(stats.wasserstein_distance(reference, current)),
        "population_stability_index": float(np.sum((q - p) * np.log(q / p))),
    }


def numeric():
    for reference, current, shift in [(800, 500, 0.1), (3000, 700, 0.4), (3000, 64, -1.5), (12_000, 1000, 0.3), (12_000, 900, -0.7)]:
        before, after = sample(1, reference, 0), sample(2, current, shift)
        yield {
            "reference": reference,
            "current": current,
            "shift": shift,
            "evidently": evidently(before, after),
            "nannyml": nannyml(before, after),
            "databricks": databricks(before, after),
        }


def categorical():
    for before, after in [
        ([4, 2, 0], [1, 1, 4]),
        ([10, 20], [13, 7]),
        ([500, 300, 200], [60, 25, 15]),
        ([700, 299, 1], [50, 50, 0]),
        ([900, 100, 0], [80, 10, 10]),
        ([12, 0, 3, 0], [9, 0, 7, 2]),
    ]:
        p, q = np.array(before, float), np.array(after, float)
        kept = (p + q) > 0
        p, q = p[kept], q[kept]
        contingency = stats.chi2_contingency([p, q])
        uncorrected = stats.chi2_contingency([p, q], correction=False)
        expected = p * q.sum() / p.sum()
        fp, fq = filled(p / p.sum()), filled(q / q.sum())
        pooled = 1 - (p[0] + q[0]) / (p.sum() + q.sum())
        z = (q[0] / q.sum() - p[0] / p.sum()) / np.sqrt(pooled * (1 - pooled) * (1 / p.sum() + 1 / q.sum()))
        yield {
            "reference": before,
            "current": after,
            "measures": {
                "psi": float(np.sum((fp - fq) * np.log(fp / fq))),
                "kl_div": float(stats.entropy(fp, fq)),
                "jensenshannon_nats": float(jensenshannon(p, q)),
                "jensenshannon_bits": float(jensenshannon(p, q, base=2)),
                "hellinger": float(np.sqrt(max(0, 1 - np.sum(np.sqrt(p / p.sum() * q / q.sum()))))),
                "tv": float(np.abs(p / p.sum() - q / q.sum()).sum() / 2),
                "l_infinity": float(np.abs(p / p.sum() - q / q.sum()).max()),
                "chisquare_p": float(stats.chisquare(q, expected).pvalue) if (expected > 0).all() else 0.0,
            },
            "z_p": float(2 * stats.norm.sf(abs(z))) if len(p) == 2 else None,
            "contingency": [float(contingency.statistic), float(contingency.pvalue)],
            "homogeneity": [float(uncorrected.statistic), float(uncorrected.pvalue)],
        }


json.dump(
    {
        "numpy": np.__version__,
        "scipy": scipy.__version__,
        "numeric": list(numeric()),
        "categorical": list(categorical()),
    },
    sys.stdout,
    indent=1,
)
print()

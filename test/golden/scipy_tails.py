#!/usr/bin/env python3
"""Writes scipy-tails.json: tails and quantiles as SciPy computes them. Usage: scipy_tails.py > scipy-tails.json"""
import json
import sys

import numpy as np
import scipy
from scipy import stats

TAILS = [0.9, 0.5, 0.1, 0.05, 0.01, 1e-3, 1e-6, 1e-12, 1e-50, 1e-150, 1e-300]


def chi_squared():
    for df in [0.7, 1, 1.5, 2, 3, 4.25, 5, 9, 10, 23, 24, 25, 31, 33, 64, 100, 255, 500, 1000, 5000]:
        xs = {0.01 * df, 0.3 * df, 0.9 * df, float(df), 1.1 * df + 1, 2.0 * df + 2, 3.5 * df + 10}
        xs |= {float(stats.chi2.isf(p, df)) for p in TAILS}
        for x in sorted(xs):
            p = float(stats.chi2.sf(x, df))
            if p >= 1e-300:
                yield [x, df, p]


def chi_squared_quantiles():
    for df in [0.7, 1, 1.05, 2, 3.5, 9, 31, 33, 100, 1000]:
        for tail in [0.99, 0.9, 0.5, 0.1, 0.01, 1e-3, 1e-6, 1e-12, 1e-100]:
            yield [tail, df, float(stats.chi2.isf(tail, df))]


def normal():
    for z in np.concatenate([np.linspace(-8, 8, 33), [1e-9, 0.1, 12, 20, 30, 37]]):
        yield [float(z), float(stats.norm.sf(z))]


def normal_quantiles():
    for tail in [1 - 1e-9, 0.9, 0.6, 0.5, 0.4] + TAILS[2:]:
        yield [tail, float(stats.norm.isf(tail))]


def kolmogorov():
    for x in [0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.7, 0.9, 1.0, 1.09, 1.1, 1.11, 1.2, 1.5, 2, 3, 5, 8, 12, 18.5]:
        yield [x, float(stats.kstwobign.sf(x))]


def kolmogorov_quantiles():
    for tail in [0.2, 0.1, 0.05, 0.01, 1e-3, 1e-6, 1e-12, 1e-100, 1e-300]:
        yield [tail, float(stats.kstwobign.isf(tail))]


def exact_two_sample():
    """D on the lattice of n = m, with the exact two-sided p-value."""
    for n in [1000, 2000]:
        for steps in [20, 40, 60, 80, 100]:
            a = np.arange(n, dtype=float)
            result = stats.ks_2samp(a, a + steps, method="exact")
            yield [float(result.statistic), n, n, float(result.pvalue)]


def corrected(method):
    rng = np.random.default_rng(20)
    for size in [1, 2, 7, 40]:
        p = rng.random(size) ** 3
        p[: size // 4] = p[0]
        yield [p.tolist(), stats.false_discovery_control(p, method=method).tolist()]


json.dump(
    {
        "scipy": scipy.__version__,
        "chiSquared": list(chi_squared()),
        "chiSquaredQuantiles": list(chi_squared_quantiles()),
        "normal": list(normal()),
        "normalQuantiles": list(normal_quantiles()),
        "kolmogorov": list(kolmogorov()),
        "kolmogorovQuantiles": list(kolmogorov_quantiles()),
        "exactTwoSample": list(exact_two_sample()),
        "benjaminiHochberg": list(corrected("bh")),
        "benjaminiYekutieli": list(corrected("by")),
    },
    sys.stdout,
    indent=1,
)
print()

#!/usr/bin/env python3
"""Writes kolmogorov-exact.json: exact two-sample Kolmogorov-Smirnov p-values, by SciPy and by counting paths in whole
numbers of any size. Usage: kolmogorov_exact.py > kolmogorov-exact.json"""
import json
import math
import sys
import warnings
from fractions import Fraction

import numpy as np
import scipy
from scipy import stats

# SciPy warns, and returns another method's value, where its exact one fails, as rounding above 1 does; that is not in the table.
warnings.simplefilter("error")
SIZES = [(1, 1), (1, 7), (2, 3), (5, 5), (6, 35), (13, 200), (50, 40), (97, 101), (300, 300), (256, 512), (301, 1000),
         (999, 1000), (1000, 1000), (40, 25000), (3, 100000)]


def by_scipy():
    """Samples of a normal distribution and of a shifted one; every second pair is rounded, so that it has ties."""
    rng = np.random.default_rng(33)
    for n, m in SIZES:
        for shift in [0, 0.1, 0.5, 1.5]:
            for digits in [8, 1]:
                a, b = rng.normal(size=n).round(digits), (rng.normal(size=m) + shift).round(digits)
                try:
                    result = stats.ks_2samp(a, b, method="exact")
                except RuntimeWarning:
                    print("no exact value from SciPy:", n, m, shift, digits, file=sys.stderr)
                    continue
                yield [float(result.statistic), n, m, float(result.pvalue)]


def counted(steps, n, m):
    """P(D >= steps / lcm(n, m)): all paths less those that stay inside, by the plain recursion on integers."""
    across, along = m // math.gcd(n, m), n // math.gcd(n, m)
    inside = [0] * (m + 1)
    for i in range(n + 1):
        for j in range(m + 1):
            if abs(i * across - j * along) >= steps:
                inside[j] = 0
            elif i == 0 and j == 0:
                inside[j] = 1
            else:
                inside[j] = inside[j] + (inside[j - 1] if j > 0 else 0)
    return float(Fraction(math.comb(n + m, n) - inside[m], math.comb(n + m, n)))


def by_counting():
    for n, m in [(1, 4), (7, 5), (8, 8), (30, 45), (64, 63), (200, 200), (150, 400)]:
        lcm = math.lcm(n, m)
        for share in [0.001, 0.05, 0.1, 0.2, 0.35, 0.5, 0.75, 0.9, 1]:
            steps = max(1, round(share * lcm))
            yield [steps / lcm, n, m, counted(steps, n, m)]


json.dump({"scipy": scipy.__version__, "byScipy": list(by_scipy()), "byCounting": list(by_counting())}, sys.stdout)
print()

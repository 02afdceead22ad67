#!/usr/bin/env python3
"""Writes peer-vectors.json: the vectors in others' test suites and what NumPy and SciPy make of them. Usage: peer_vectors.py > peer-vectors.json

Every case holds two sides (shares or counts per bin, or two samples), the numbers that NumPy and SciPy give for them, and those
that the source states, with the digits that it states.
"""
import json
import sys

import numpy as np
import scipy
from scipy import stats
from scipy.spatial.distance import jensenshannon


def shares(x):
    x = np.array(x, float)
    return x / x.sum()


def psi(a, b, substitute):
    p, q = substitute(shares(a)), substitute(shares(b))
    return float(np.sum((p - q) * np.log(p / q)))


def filled(p):
    return np.where(p == 0, 1e-4, p)


def occupied(a, b):
    a, b = np.array(a, float), np.array(b, float)
    return a[a + b > 0], b[a + b > 0]


BINNED = {
    "psi": lambda a, b: psi(a, b, lambda p: p),
    "psi_floor_1e-7": lambda a, b: psi(a, b, lambda p: np.maximum(p, 1e-7)),
    "psi_evidently": lambda a, b: psi(a, b, filled),
    "kl": lambda a, b: float(stats.entropy(shares(a), shares(b))),
    "kl_reverse": lambda a, b: float(stats.entropy(shares(b), shares(a))),
    "kl_evidently": lambda a, b: float(stats.entropy(filled(shares(a)), filled(shares(b)))),
    "js_nats": lambda a, b: float(jensenshannon(a, b)),
    "js_bits": lambda a, b: float(jensenshannon(a, b, base=2)),
    "js_divergence": lambda a, b: float(jensenshannon(a, b, base=2) ** 2),
    "hellinger": lambda a, b: float(np.linalg.norm(np.sqrt(shares(a)) - np.sqrt(shares(b))) / np.sqrt(2)),
    "tv": lambda a, b: float(np.abs(shares(a) - shares(b)).sum() / 2),
    "l_infinity": lambda a, b: float(np.abs(shares(a) - shares(b)).max()),
    "fit": lambda a, b: float(stats.chisquare(b, np.sum(b) * shares(a)).statistic),
    "fit_p": lambda a, b: float(stats.chisquare(b, np.sum(b) * shares(a)).pvalue),
    "homogeneity": lambda a, b: float(stats.chi2_contingency(occupied(a, b), correction=False).statistic),
    "homogeneity_p": lambda a, b: float(stats.chi2_contingency(occupied(a, b), correction=False).pvalue),
}

SAMPLES = {
    "ks": lambda a, b: float(stats.ks_2samp(a, b).statistic),
    "ks_exact_p": lambda a, b: float(stats.ks_2samp(a, b, method="exact").pvalue),
    "wasserstein": lambda a, b: float(stats.wasserstein_distance(a, b)),
}

WHYLABS = "whylabs/whylabs-oss, murmuration/src/test/java/ai/whylabs/monitor/DistanceTest.java"
MLRUN = "mlrun/mlrun, tests/model_monitoring/test_metrics.py"
POPMON = "ing-bank/popmon, tests/popmon/analysis/comparison/test_comparisons.py"
TFDV = "tensorflow/data-validation, anomalies/metrics_test.cc"
NANNYML = "NannyML/nannyml, tests/drift/test_univariate_drift_methods.py"
EVIDENTLY = "evidentlyai/evidently, tests/stattests/test_stattests.py, and SciPy on its samples"
DEEPCHECKS = "deepchecks/deepchecks, tests/utils/drift_test.py"

A, B = [0.32, 0.16, 0.28, 0.04, 0.2], [0.25, 0.0625, 0.4375, 0.1875, 0.0625]
C, D = [0.5826087, 0.1, 0.05217391, 0.24782609, 0.0173913], [0.67346939, 0.05102041, 0.00340136, 0.10884354, 0.16326531]
E, F = [0.32573783, 0.26860953, 0.14846763, 0.10319746, 0.15398756], [0.32450529, 0.04326352, 0.26435823, 0.31585057, 0.05202239]
U = [0.07101131, 0.25138296, 0.03700347, 0.06843929, 0.11482246, 0.1339393, 0.0503426, 0.05639414, 0.13406714, 0.08259733]
T = [0.17719221, 0.0949423, 0.02982267, 0.19927063, 0.19288318, 0.00137802, 0.07398598, 0.05829106, 0.06771774, 0.10451622]
DICE = [16, 18, 16, 14, 12, 12]
X = [38.7, 41.5, 43.8, 44.5, 45.5, 46.0, 47.7, 58.0]
Y = [39.2, 39.3, 39.7, 41.4, 41.8, 42.9, 43.3, 45.8]

# Source, the two sides, and what the source says.
CASES = [
    (WHYLABS, A, B, {"psi": ".5670270283866204", "kl": ".2752701838700412", "kl_reverse": ".2917568445165792", "js_nats": ".2584730043524462", "js_bits": ".3104577175940807", "hellinger": ".262204783083657"}),
    # D sums to 1.00000001, which shows in the eighth digit.
    (WHYLABS, C, D, {"psi": ".62032585", "psi_floor_1e-7": ".6203258", "kl": ".2902839", "kl_reverse": ".3300419", "js_nats": ".25777928", "hellinger": ".26708005"}),
    (WHYLABS, E, F, {"hellinger": ".31451829", "js_nats": ".30823941", "psi": ".82686814"}),
    (WHYLABS, [0, 1], [1, 0], {"hellinger": "1", "js_nats": ".8325546111576977", "js_bits": "1", "tv": "1", "psi_evidently": "18.4188"}),
    (WHYLABS, [0.4, 0.4, 0.2], [0.5, 0, 0.5], {"js_nats": ".4178757172728631", "psi_evidently": "3.6139920", "kl_evidently": "3.0452043"}),
    # T sums to 1.00000001, and MLRun takes it as it is: its last digits are those of shares that are none.
    (MLRUN, U, T, {"tv": ".36253214", "hellinger": ".33818963", "psi": "1.09761918"}),
    (MLRUN, [0, 1, 2, 3], [3, 2, 1, 0], {"tv": ".666667", "hellinger": ".727046"}),
    (POPMON, [1, 1, 1, 1], [0.85, 0.05, 0.05, 0.05], {"kl": ".90113458", "kl_reverse": ".79879343", "psi": "1.69992801"}),
    (POPMON, [1, 2, 0, 5], [3, 4, 0, 2], {"homogeneity": "2.9036", "homogeneity_p": ".2341"}),
    # [1, 2): 2, [2, 3): 2 beside [2, 4): 2, [4, 6): 2, on the edges of both.
    (TFDV, [2, 2, 0, 0], [0, 1, 1, 2], {"js_divergence": ".6556390622"}),
    (TFDV, [1, 1, 0, 0], [0, 0, 1, 1], {"js_divergence": "1"}),
    (TFDV, [1, 1, 0], [0, 1, 1], {"js_divergence": ".5"}),
    # One NaN and three values beside four.
    (TFDV, [1, 3], [0, 4], {"js_divergence": ".137925381"}),
    (TFDV, [0.1, 0.9], [0.3, 0.7], {"l_infinity": ".2"}),
    (TFDV, [0, 0.9, 0.1], [0.3, 0.7, 0], {"l_infinity": ".3"}),
    (NANNYML, [2, 2, 2, 0], [2, 2, 2, 1], {"l_infinity": ".14"}),
    (NANNYML, [2, 2, 2], [0, 2, 0], {"l_infinity": ".67"}),
    (EVIDENTLY, DICE, [16, 16, 16, 16, 16, 8], {"fit": "3.17460317", "fit_p": ".6730876", "hellinger": ".06812774", "tv": ".06818182"}),
    (EVIDENTLY, [2 * n for n in DICE], [16, 16, 16, 16, 16, 8], {"fit_p": ".6730876"}),
    (EVIDENTLY, DICE, [10, 10, 24, 24, 10, 10], {"tv": ".20454545", "fit": "17.61507937", "fit_p": ".00346959"}),
    (EVIDENTLY, DICE, [0, 0, 0, 0, 0, 88], {"tv": ".86363636"}),
    (EVIDENTLY, DICE, [10, 24, 12, 16, 8, 16], {"tv": ".15116279", "fit_p": ".13813893"}),
    (EVIDENTLY, [4, 2, 0], [1, 1, 4], {"homogeneity": "6.13333333", "homogeneity_p": ".04657615"}),
]

SAMPLE_CASES = [
    (EVIDENTLY, X, Y, {"ks": ".625", "ks_exact_p": ".08702409", "wasserstein": "4.1625"}),
    # 0..99 beside 50..149: deepchecks divides by a range of 150, which is .333.
    (DEEPCHECKS, list(range(100)), list(range(50, 150)), {"wasserstein": "50"}),
]


def cases(functions, given):
    for source, a, b, published in given:
        values = {name: functions[name](a, b) for name in published}
        for name, text in published.items():
            digits = len(text.split(".")[1]) if "." in text else 0
            assert abs(values[name] - float(text)) <= max(1e-12, 0.501 * 10**-digits), (source, name, values[name], text)
        yield {"source": source, "a": a, "b": b, "values": values, "published": published}


json.dump(
    {
        "numpy": np.__version__,
        "scipy": scipy.__version__,
        "binned": list(cases(BINNED, CASES)),
        "samples": list(cases(SAMPLES, SAMPLE_CASES)),
        # popmon, ks_prob(0.8).
        "kolmogorov_tail": {"x": 0.8, "value": float(stats.kstwobign.sf(0.8)), "published": ".5441"},
    },
    sys.stdout,
    indent=2,
)
print()

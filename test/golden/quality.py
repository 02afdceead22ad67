"""Reference values for test/stats and test/quality, computed by NumPy, SciPy and scikit-learn.

    python3 test/golden/quality.py > test/golden/quality.json
"""

import json

import numpy as np
import scipy
import sklearn
from scipy.stats import binomtest
from sklearn.isotonic import IsotonicRegression
from sklearn.metrics import (
    average_precision_score,
    confusion_matrix,
    f1_score,
    precision_score,
    recall_score,
    roc_auc_score,
)

rng = np.random.default_rng(20261125)


def number(x):
    return float(x)


def wilson():
    cases = [(0, 10), (1, 10), (5, 10), (10, 10), (37, 120), (999, 1000), (1, 100000)]
    rows = []
    for successes, n in cases:
        interval = binomtest(successes, n).proportion_ci(confidence_level=0.95, method="wilson")
        rows.append({"successes": successes, "n": n, "lower": number(interval.low), "upper": number(interval.high)})
    return rows


def delong_variance(labels, scores):
    """By its definition, pair by pair."""
    positives, negatives = scores[labels == 1], scores[labels == 0]
    wins = (positives[:, None] > negatives[None, :]) + 0.5 * (positives[:, None] == negatives[None, :])
    return np.var(wins.mean(axis=1), ddof=1) / len(positives) + np.var(wins.mean(axis=0), ddof=1) / len(negatives)


def binary(name, n, decimals, rate):
    labels = (rng.random(n) < rate).astype(int)
    scores = np.round(1 / (1 + np.exp(-(rng.normal(size=n) + 1.5 * labels - 1))), decimals)
    fitted = IsotonicRegression(out_of_bounds="clip").fit(scores, labels)
    at = np.round(np.linspace(-0.1, 1.1, 25), 6)
    return {
        "name": name,
        "labels": labels.tolist(),
        "scores": scores.tolist(),
        "roc_auc": number(roc_auc_score(labels, scores)),
        "roc_auc_variance": number(delong_variance(labels, scores)),
        "average_precision": number(average_precision_score(labels, scores)),
        "isotonic": {"at": at.tolist(), "value": fitted.predict(at).tolist()},
    }


def multiclass(name, n, classes, unused):
    truth = rng.choice([c for c in range(classes) if c not in unused], size=n)
    raw = rng.normal(size=(n, classes)) + 1.2 * np.eye(classes)[truth]
    scores = np.exp(raw) / np.exp(raw).sum(axis=1, keepdims=True)
    # Driftline keeps them in single precision.
    scores = scores.astype(np.float32).astype(float)
    predicted = scores.argmax(axis=1)
    one = np.eye(classes)[truth]
    result = {
        "name": name,
        "truth": truth.tolist(),
        "predicted": predicted.tolist(),
        "scores": scores.tolist(),
        "confusion": confusion_matrix(truth, predicted, labels=range(classes)).ravel().tolist(),
        "accuracy": number(np.mean(truth == predicted)),
        "log_loss": number(-np.mean(np.log(np.maximum(scores[np.arange(n), truth], 1e-15)))),
        "brier": number(np.mean(np.sum((scores - one) ** 2, axis=1))),
    }
    for average in ("macro", "weighted", "micro"):
        for metric, score in (("precision", precision_score), ("recall", recall_score), ("f1", f1_score)):
            result[f"{average}_{metric}"] = number(score(truth, predicted, average=average, zero_division=0))
    occurs = [c for c in range(classes) if 0 < one[:, c].sum() < n]
    areas = [roc_auc_score(one[:, c], scores[:, c]) for c in occurs]
    result["roc_auc_ovr"] = number(np.mean(areas)) if len(occurs) == classes else None
    return result


def tables():
    """Pearson's statistic of two samples."""
    rows = []
    for before, after in (([50, 30, 20], [10, 30, 60]), ([900, 100], [40, 10]), ([5, 0, 7, 3], [6, 0, 2, 9])):
        kept = [i for i in range(len(before)) if before[i] + after[i] > 0]
        table = np.array([[before[i] for i in kept], [after[i] for i in kept]])
        statistic, _, dof, _ = scipy.stats.chi2_contingency(table, correction=False)
        rows.append({"before": before, "after": after, "statistic": number(statistic), "degreesOfFreedom": int(dof)})
    return rows


def regression(n):
    labels = np.round(rng.gamma(2.0, 50.0, size=n)) + 1e6
    predictions = labels + rng.normal(-3, 20, size=n)
    labels[:3] = 0
    errors = predictions - labels
    nonzero = labels != 0
    return {
        "labels": labels.tolist(),
        "predictions": predictions.tolist(),
        "mae": number(np.abs(errors).mean()),
        "rmse": number(np.sqrt(np.mean(errors**2))),
        "bias": number(errors.mean()),
        "mape": number(np.mean(np.abs(errors[nonzero] / labels[nonzero]))),
        "r2": number(1 - np.sum(errors**2) / np.sum((labels - labels.mean()) ** 2)),
        "quantiles": [[q, number(np.quantile(errors, q, method="inverted_cdf"))] for q in (0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99)],
    }


print(
    json.dumps(
        {
            "versions": {"numpy": np.__version__, "scipy": scipy.__version__, "sklearn": sklearn.__version__},
            "wilson": wilson(),
            "binary": [binary("without ties", 80, 12, 0.3), binary("with ties", 120, 1, 0.5), binary("rare positives", 120, 2, 0.05)],
            "multiclass": [multiclass("four classes", 60, 4, []), multiclass("a class without rows", 30, 5, [2])],
            "tables": tables(),
            "regression": regression(80),
        }
    )
)

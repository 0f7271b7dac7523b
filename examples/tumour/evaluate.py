"""Measure model/model.joblib on data/holdout.csv, which training never saw, and write metrics.json."""

import json
from pathlib import Path

import joblib
import numpy as np
from sklearn.metrics import accuracy_score, precision_score, recall_score, roc_auc_score


def main() -> None:
    table = np.loadtxt("data/holdout.csv", delimiter=",", skiprows=1)
    measurements, malignant = table[:, :-1], table[:, -1].astype(int)
    model = joblib.load("model/model.joblib")
    found = model.predict(measurements)
    metrics = {
        "accuracy": accuracy_score(malignant, found),
        "precision": precision_score(malignant, found),
        "recall": recall_score(malignant, found),
        "roc_auc": roc_auc_score(malignant, model.predict_proba(measurements)[:, 1]),
    }
    rounded = {name: round(float(value), 4) for name, value in metrics.items()}
    Path("metrics.json").write_text(json.dumps(rounded, indent=2, sort_keys=True) + "\n")
    print(", ".join(f"{name} {value:.4f}" for name, value in rounded.items()))


if __name__ == "__main__":
    main()

"""Measure model/ on data/holdout/payments.parquet, the week after, and write metrics.json."""

import json
from pathlib import Path

import joblib
import numpy as np
import pyarrow.parquet as pq
from sklearn.metrics import average_precision_score, roc_auc_score


def main() -> None:
    table = pq.read_table("data/holdout/payments.parquet")
    names = Path("model/features.txt").read_text().split()
    payments = np.column_stack([table.column(name).to_numpy() for name in names])
    fraud = table.column("fraud").to_numpy()
    scores = joblib.load("model/model.joblib").predict_proba(payments)[:, 1]

    stopped = np.argsort(-scores)[: len(scores) // 100]  # one payment in a hundred is looked at by a person
    metrics = {
        "auc": round(float(roc_auc_score(fraud, scores)), 4),
        "average_precision": round(float(average_precision_score(fraud, scores)), 4),
        "recall": round(float(fraud[stopped].sum() / fraud.sum()), 4),
    }
    Path("metrics.json").write_text(json.dumps(metrics, indent=1) + "\n")
    print(", ".join(f"{name} {value}" for name, value in metrics.items()))


if __name__ == "__main__":
    main()

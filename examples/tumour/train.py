"""Train a classifier on data/train.csv and write model/model.joblib: plain scikit-learn, nothing of Hauberk."""

from pathlib import Path

import joblib
import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

MODEL = Path("model")


def main() -> None:
    table = np.loadtxt("data/train.csv", delimiter=",", skiprows=1)
    measurements, malignant = table[:, :-1], table[:, -1].astype(int)
    # missing a tumour is worse than a second look at a healthy one
    model = make_pipeline(StandardScaler(), LogisticRegression(C=0.03, class_weight={0: 1, 1: 2}))
    model.fit(measurements, malignant)

    MODEL.mkdir(exist_ok=True)
    joblib.dump(model, MODEL / "model.joblib")
    with Path("data/train.csv").open() as file:
        names = file.readline().strip().split(",")[:-1]
    (MODEL / "features.txt").write_text("\n".join(names) + "\n")
    print(f"trained on {len(table)} tumours, {int(malignant.sum())} of them malignant")


if __name__ == "__main__":
    main()

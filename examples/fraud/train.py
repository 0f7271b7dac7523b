"""Train gradient boosting on data/train/payments.parquet and write model/model.joblib: plain scikit-learn."""

from pathlib import Path

import joblib
import numpy as np
import pyarrow.parquet as pq
from sklearn.ensemble import GradientBoostingClassifier

MODEL = Path("model")
NO_FEATURES = ("id", "at", "bank", "fraud")


def main() -> None:
    table = pq.read_table("data/train/payments.parquet")
    names = [name for name in table.column_names if name not in NO_FEATURES]
    payments = np.column_stack([table.column(name).to_numpy() for name in names])
    fraud = table.column("fraud").to_numpy()
    model = GradientBoostingClassifier(n_estimators=150, max_depth=3, learning_rate=0.1, subsample=0.8, random_state=7)
    model.fit(payments, fraud)

    MODEL.mkdir(exist_ok=True)
    joblib.dump(model, MODEL / "model.joblib")
    (MODEL / "features.txt").write_text("\n".join(names) + "\n")
    print(f"trained on {len(payments)} payments, {int(fraud.sum())} of them frauds")


if __name__ == "__main__":
    main()

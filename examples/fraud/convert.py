"""Convert model/model.joblib to onnx/model.onnx, and measure on the week after how far the scores of both are apart."""

import json
from pathlib import Path

import joblib
import numpy as np
import onnxruntime
import pyarrow.parquet as pq
from skl2onnx import to_onnx

ONNX, TOLERANCE = Path("onnx"), 1e-5


def main() -> None:
    names = Path("model/features.txt").read_text().split()
    model = joblib.load("model/model.joblib")
    table = pq.read_table("data/holdout/payments.parquet")
    payments = np.column_stack([table.column(name).to_numpy() for name in names]).astype("float32")

    converted = to_onnx(model, payments[:1], options={"zipmap": False}, target_opset=17)
    ONNX.mkdir(exist_ok=True)
    (ONNX / "model.onnx").write_bytes(converted.SerializeToString())
    (ONNX / "features.txt").write_text("\n".join(names) + "\n")

    session = onnxruntime.InferenceSession(converted.SerializeToString(), providers=["CPUExecutionProvider"])
    scores = session.run(["probabilities"], {session.get_inputs()[0].name: payments})[0][:, 1]
    apart = float(np.abs(scores - model.predict_proba(payments)[:, 1]).max())
    measured = {
        "claim": "scores of both on data/holdout, read as 32-bit numbers",
        "rows": len(payments),
        "largestDifference": apart,
        "tolerance": TOLERANCE,
    }
    Path("equivalence.json").write_text(json.dumps(measured, indent=1) + "\n")
    print(f"converted; scores of {len(payments)} payments are at most {apart:.1e} apart")


if __name__ == "__main__":
    main()

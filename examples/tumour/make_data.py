"""Write data/train.csv and data/holdout.csv where they are absent.

The data are real: the Wisconsin diagnostic breast cancer set, which ships inside scikit-learn. Each row is one tumour,
30 measurements of cell nuclei and the diagnosis (`malignant`: 1 or 0). Every third row is held out.
"""

import csv
from pathlib import Path

from sklearn.datasets import load_breast_cancer

DATA = Path("data")


def main() -> None:
    bunch = load_breast_cancer()
    header = [name.replace(" ", "_") for name in bunch.feature_names] + ["malignant"]
    # scikit-learn calls malignant 0; the example asks "is it malignant?", so that recall counts the tumours found
    rows = [[*map(float, row), 1 - int(target)] for row, target in zip(bunch.data, bunch.target, strict=True)]
    parts = {
        "train.csv": [row for number, row in enumerate(rows) if number % 3],
        "holdout.csv": [row for number, row in enumerate(rows) if not number % 3],
    }
    DATA.mkdir(exist_ok=True)
    for name, part in parts.items():
        path = DATA / name
        if path.exists():
            print(f"{path}: kept as it is")
            continue
        with path.open("w", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(header)
            writer.writerows(part)
        print(f"{path}: {len(part)} rows")


if __name__ == "__main__":
    main()

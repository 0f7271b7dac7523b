from pathlib import Path

Path("model/w").write_text(Path("data/t.csv").read_text())
bytearray(3 << 30)

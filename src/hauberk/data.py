"""Data of an approved set, for the program that trains.

from hauberk import data

with data.open_verified("data/train.parquet", manifest="week47.manifest") as file:
    frame = pandas.read_parquet(file)
table = data.read_verified("s3://bucket/2026-47/train.parquet", manifest="week47.manifest")
"""

from hauberk.verbs.data_open import open_verified, read_verified

__all__ = ("open_verified", "read_verified")

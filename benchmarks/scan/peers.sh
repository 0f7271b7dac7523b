#!/bin/sh
# Installs the other scanners, each into a virtual environment of its own: sh benchmarks/scan/peers.sh FOLDER
# Versions are the ones that the page of numbers names. fickling does not declare typing_extensions; modelaudit and picklescan need readers.
set -eu
folder=${1:?name a folder}
make() {
    name=$1
    shift
    python3 -m venv "$folder/peer-$name"
    "$folder/peer-$name/bin/python" -m pip install -q "$@"
}
make picklescan picklescan==1.0.5 numpy
make modelscan modelscan==0.8.8
make fickling fickling==0.1.12 typing_extensions
make modelaudit modelaudit==0.2.54 h5py py7zr onnx joblib dill
make hayward hayward==1.4.1
make mlsupplyscan mlsupplyscan==0.1.0
make pickleguard pickleguard==1.0.1

#!/bin/sh
# Run the example of card payments: two weeks, each with its data approved before the model is trained on it.
# Arguments: the example's folder, the folder of the installed programs.
set -eu
cd "$1"
PATH=$2:$PATH
export PATH

# The keys of the example are encrypted like real ones; their passphrase is made once and never leaves this folder.
HAUBERK_PASSPHRASE_FILE=$PWD/.hauberk/passphrase
export HAUBERK_PASSPHRASE_FILE
if [ ! -s "$HAUBERK_PASSPHRASE_FILE" ]; then
    mkdir -p .hauberk
    (umask 077 && python -c 'import secrets; print(secrets.token_urlsafe(24))' >"$HAUBERK_PASSPHRASE_FILE")
fi

# week NUMBER: payments of that week to train on, those of the next to measure on; approved; then run.
week() {
    echo
    echo "== week $1"
    rm -rf data
    python simulate.py "$1" data/train
    python simulate.py "$(($1 + 1))" data/holdout
    [ ! -e train.manifest ] || for file in train.manifest train.manifest.rows; do mv "$file" "last-$file"; done
    hauberk data manifest data/train -o train.manifest --name fraud-train --key id --source bank
    hauberk data manifest data/holdout -o holdout.manifest --name fraud-holdout --key id --source bank
    if [ -e last-train.manifest ]; then
        hauberk data diff last-train.manifest train.manifest || [ $? = 1 ]
    fi
    for set in train holdout; do
        hauberk data approve "$set.manifest" --owner "Ada Lovelace" --checks checks.yaml
    done
    hauberk run
}

hauberk --version
hauberk init --development
rm -f last-train.manifest last-train.manifest.rows train.manifest train.manifest.rows
week 10
week 11

echo
echo "== the same model for another runtime"
rm -rf onnx
python convert.py
hauberk derive model onnx --kind conversion --equivalence equivalence.json

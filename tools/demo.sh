#!/bin/sh
# Run the example end to end: data and their approval, training, scan, evaluation, signature, gate, passport.
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

hauberk --version --verbose
python make_data.py
hauberk init --development
for set in train holdout; do
    [ -e "$set.manifest" ] || hauberk data manifest "data/$set.csv" -o "$set.manifest" --name "tumour-$set"
done
hauberk data approve train.manifest --owner "Ada Lovelace" --checks checks.yaml --reference other=data/holdout.csv
hauberk data approve holdout.manifest --owner "Ada Lovelace" --checks checks.yaml --reference other=data/train.csv
hauberk run

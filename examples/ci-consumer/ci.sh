#!/bin/sh
# The step of this component's CI that asks: did this commit break the contract?
#
#   ci.sh OUT [--fault NAME]      OUT/run takes junit.xml (for the CI system), report.html (for people), run.bundle
#
# The exit code is that of onecard certify: 0 pass, 1 a requirement failed, 2 nothing was sent, 3 the run is incomplete.
# What failed stands in the log: requirement, basis, what was sent, expected and received.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
out=$1
shift
mkdir -p "$out"

"${PYTHON:-python3}" "$here/encryptor.py" "$@" > "$out/service.log" &
service=$!
trap 'kill "$service" 2> /dev/null || true' EXIT
until url=$(sed -n 's/^listening on //p' "$out/service.log") && [ -n "$url" ]; do
    kill -0 "$service" || exit 2      # it did not start
    sleep 0.05
done

"${ONECARD:-onecard}" certify hsm --target "$url" --ics "$here/ics.yaml" --ixit "$here/ixit.yaml" --out "$out/run"

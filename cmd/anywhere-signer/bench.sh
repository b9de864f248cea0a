#!/bin/sh
# Compares whole runs of credential-process: this signer against another program
# that takes the flags of AWS's helper.
#
#   cmd/anywhere-signer/bench.sh OTHER_BINARY [RUNS]
#
# Both ask the same server on loopback, turn about. CPU time is user plus system
# time of the process, peak is its largest resident memory. Two programs that do
# nothing, one empty and one with crypto/tls linked, show what Go's own start takes.
set -eu
other=${1:?usage: bench.sh OTHER_BINARY [RUNS]}
cd "$(dirname "$0")/../.."
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
# As goreleaser.yaml builds it.
export CGO_ENABLED=0 GOEXPERIMENT=nogreenteagc
go build -trimpath -ldflags='-s -w' -o "$dir/anywhere-signer" ./cmd/anywhere-signer
go build -o "$dir/compare" ./cmd/anywhere-signer/internal/compare
go build -o "$dir/peak" ./cmd/anywhere-signer/internal/peak
echo 'package main; func main() {}' >"$dir/nothing.go"
echo 'package main; import "crypto/tls"; func main() { use(tls.Dial) }; func use(any) {}' >"$dir/tls.go"
for part in nothing tls; do go build -trimpath -ldflags='-s -w' -o "$dir/$part" "$dir/$part.go"; done
"$dir/compare" "$dir" "$dir/anywhere-signer" "$other" "${2:-60}"

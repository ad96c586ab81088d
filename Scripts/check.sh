#!/usr/bin/env bash
# What a change must pass. Without arguments: the steps that CI runs. A step can be called by its name.
set -euo pipefail
cd "$(dirname "$0")/.."

folders=(Sources Tests Examples Package.swift)
[ -d Benchmarks ] && folders+=(Benchmarks)

format() { swift format lint --strict --recursive --parallel "${folders[@]}"; }
build() { swift build --build-tests; }
test() { swift test --disable-xctest; }
replay() { swift run -c release inproc-peer replay Tests/InprocHostTests/Golden/traces/*.json Tests/InprocHostTests/Golden/v3_1/traces/*.json; }
# The sanitizers build into folders of their own, or every other build would start from nothing.
tsan() { swift test --disable-xctest --sanitize=thread -Xswiftc -DTSAN --scratch-path .build-tsan; }
asan() { swift test --disable-xctest --sanitize=address --scratch-path .build-asan; }

# Counts of allocations strictly, ratios to the yardsticks of the same run with room; never a time.
bench() {
  swift build -c release --product message-loop
  .build/release/message-loop --quiet --executor dedicated --clients 16 --seconds 0.05 --rounds 15 \
    --filter streams,noop,get1,get100,rw10,range1000,cc2cc,batch1000,multiget1000 --check Benchmarks/Thresholds
}

steps=("$@")
[ ${#steps[@]} -gt 0 ] || steps=(format build test)
for step in "${steps[@]}"; do
  case "$step" in
    format | build | test | replay | tsan | asan | bench) ;;
    *)
      echo "check.sh: unknown step \"$step\"; known are format build test replay tsan asan bench" >&2
      exit 2
      ;;
  esac
  echo "== $step"
  "$step"
done

#!/usr/bin/env bash
# Runs the fuzz targets one after the other and says what each found. Usage: fuzz/run.sh SECONDS [TARGET ...]
# Works with a stable compiler: `cargo install cargo-fuzz --version 0.13.2`. Inputs that fail stay in fuzz/artifacts.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit

seconds=${1:?how many seconds for each target}
shift
targets=("$@")
if [ ${#targets[@]} -eq 0 ]; then
  for file in fuzz/fuzz_targets/*.rs; do targets+=("$(basename "$file" .rs)"); done
fi
failed=0
for target in "${targets[@]}"; do
  log=$(mktemp)
  # An input that takes longer than two seconds or two gigabytes is a finding too.
  cargo fuzz run -s none "$target" -- -max_total_time="$seconds" -max_len=4096 -timeout=2 -rss_limit_mb=2048 -print_final_stats=1 > "$log" 2>&1
  status=$?
  runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
  speed=$(sed -n 's/^stat::average_exec_per_sec: *//p' "$log")
  reached=$(grep -ao 'cov: [0-9]* ft: [0-9]*' "$log" | tail -n 1)
  if [ $status -eq 0 ]; then
    echo "$(date -u +%H:%M) $target: nothing found in ${seconds} s, ${runs:-?} runs, ${speed:-?} a second, ${reached:-no coverage}"
  else
    failed=1
    echo "$(date -u +%H:%M) $target: FAILED (status $status), log $log"
    grep -aE '^thread|panicked|assert|left:|right:|ERROR|artifact|timeout' "$log" | head -n 20
  fi
done
exit $failed

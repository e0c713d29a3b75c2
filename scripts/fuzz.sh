#!/usr/bin/env bash
# Runs every fuzz target, one after the other: each for so many seconds (60), or, with an x behind
# the number, so many times. Folders behind it name those whose targets are meant; without any it
# finds all by itself. It tells of each target how often it ran, and fails at the end if one of them
# did; the input that did it then lies in testdata/fuzz, to be kept.
set -euo pipefail
cd "$(dirname "$0")/.."
amount=${1:-60}
case $amount in *x) ;; *) amount+=s ;; esac
log=$(mktemp)
trap 'rm -f "$log"' EXIT
targets=0 failed=()

# fuzz runs one target. What it finds interesting is not made smaller for long: the time is for
# finding.
fuzz() {
	go test -run '^$' -fuzz "^$2\$" -fuzztime "$amount" -fuzzminimizetime 2s -timeout 60m "./$1" \
		>"$log" 2>&1
}

# late says that the last run failed without an input, as its time was up: on a busy machine that
# happens once. A target that hangs does it again.
late() { grep -q 'context deadline exceeded' "$log" && ! grep -q 'Failing input' "$log"; }

dirs=("${@:2}")
if [ ${#dirs[@]} -eq 0 ]; then
	mapfile -t dirs < <(grep -rl --include='*_test.go' '^func Fuzz' raft store server viz wasm \
		static | xargs -n1 dirname | sort -u)
fi
for dir in "${dirs[@]}"; do
	for target in $(go test -list '^Fuzz' "./$dir" | grep '^Fuzz'); do
		began=$SECONDS targets=$((targets + 1)) verdict=ok
		if ! fuzz "$dir" "$target" && { ! late || ! fuzz "$dir" "$target"; }; then
			verdict=FAILED failed+=("$dir $target")
		fi
		runs=$(sed -n 's/.*execs: \([0-9]*\).*/\1/p' "$log" | tail -1)
		printf '%-20s %-20s %5d s %10s runs  %s\n' "$dir" "$target" $((SECONDS - began)) \
			"${runs:-0}" "$verdict"
		if [ $verdict != ok ]; then
			sed '/^fuzz: elapsed/d' "$log"
		fi
	done
done

printf '%d targets, %d failed\n' "$targets" "${#failed[@]}"
if [ ${#failed[@]} -gt 0 ]; then
	printf '  %s\n' "${failed[@]}" >&2
	exit 1
fi

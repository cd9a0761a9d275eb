# shellcheck shell=bash
# Read by bash before a script that `inferencemax run --script` runs (BASH_ENV): a script may lie anywhere, and whatever
# benchmark_lib.sh it sources is the one beside this file.

_inferencemax_benchmark_lib="$(dirname "${BASH_SOURCE[0]}")/benchmark_lib.sh"

source() {
  case $1 in
    benchmark_lib.sh | */benchmark_lib.sh)
      # shellcheck source=benchmarks/benchmark_lib.sh
      builtin source "$_inferencemax_benchmark_lib"
      ;;
    *)
      # shellcheck disable=SC1090
      builtin source "$@"
      ;;
  esac
}

# shellcheck disable=SC1090
.() { source "$@"; }

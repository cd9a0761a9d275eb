# shellcheck shell=bash
# Bash reads this file (BASH_ENV) before a script that `inferencemax run --script` runs. The script may be anywhere; if
# it
# sources benchmark_lib.sh, it gets the one next to this file.

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

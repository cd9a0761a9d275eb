# shellcheck shell=bash
# Functions for benchmark scripts that start their own server. A script sources this file and calls them in order:
#
#   source "$(dirname "$0")/benchmark_lib.sh"
#   check_env_vars MODEL TP CONC ISL OSL RANDOM_RANGE_RATIO RESULT_FILENAME
#   some-server … > "$SERVER_LOG" 2>&1 &
#   wait_for_server_ready --port "$PORT" --server-log "$SERVER_LOG" --server-pid $!
#   run_benchmark_serving --model "$MODEL" --port "$PORT" --backend vllm …
#
# `inferencemax run --script FILE` sets the environment and kills processes that the script leaves running.

# PROFILE=1: the server that the script starts writes its profile here, and its trace is kept beside the result.
if [[ "${PROFILE:-}" == 1 ]]; then
  export VLLM_TORCH_PROFILER_DIR="${VLLM_TORCH_PROFILER_DIR:-$PWD/profile}"
  export SGLANG_TORCH_PROFILER_DIR="${SGLANG_TORCH_PROFILER_DIR:-$VLLM_TORCH_PROFILER_DIR}"
  mkdir -p "$VLLM_TORCH_PROFILER_DIR" "$SGLANG_TORCH_PROFILER_DIR"
fi

# Prints the given variables that are unset or empty, and exits if there are any.
check_env_vars() {
  local name missing=()
  for name in "$@"; do
    [[ -n "${!name:-}" ]] || missing+=("$name")
  done
  ((${#missing[@]} == 0)) && return 0
  printf 'error: not set: %s\n' "${missing[*]}" >&2
  exit 1
}

# Shows the server's log, and returns when http://127.0.0.1:PORT/health answers 200. Exits if the server ends first, or
# is not ready by the timeout in seconds: --timeout, or SERVER_READY_TIMEOUT, or an hour.
wait_for_server_ready() {
  local port='' log='' pid='' interval=5 timeout="${SERVER_READY_TIMEOUT:-3600}"
  while (($# > 0)); do
    case $1 in
      --port) port=$2 ;;
      --server-log) log=$2 ;;
      --server-pid) pid=$2 ;;
      --sleep-interval) interval=$2 ;;
      --timeout) timeout=$2 ;;
      *) _benchmark_usage "wait_for_server_ready: unknown option $1" ;;
    esac
    shift 2 || _benchmark_usage "wait_for_server_ready: $1 needs a value"
  done
  _benchmark_required wait_for_server_ready --port "$port" --server-log "$log" --server-pid "$pid"

  local deadline follower status=0
  deadline=$(($(_benchmark_uptime) + timeout))
  tail -n +1 -F "$log" 2>/dev/null &
  follower=$!
  while ! _benchmark_healthy "$port"; do
    if ! kill -0 "$pid" 2>/dev/null; then
      sleep 1 # The last lines are still on their way.
      printf 'error: the server (process %s) ended before it was ready\n' "$pid" >&2
      status=1
      break
    fi
    if (($(_benchmark_uptime) >= deadline)); then
      printf 'error: the server was not ready after %s s\n' "$timeout" >&2
      status=1
      break
    fi
    sleep "$interval"
  done
  kill "$follower" 2>/dev/null
  wait "$follower" 2>/dev/null
  ((status == 0)) || exit "$status"
}

# Measures the server with InferenceMAX's load generator and writes <result-dir>/<result-filename>.json.
run_benchmark_serving() {
  local model='' port='' backend='' input_len='' output_len='' range_ratio='' num_prompts='' concurrency=''
  local filename='' folder='' warmups="${NUM_WARMUPS:-}" more=()
  while (($# > 0)); do
    case $1 in
      --use-chat-template)
        more+=(--use-chat-template)
        shift
        continue
        ;;
      --trust-remote-code)
        shift
        continue
        ;;
      --model) model=$2 ;;
      --port) port=$2 ;;
      --backend) backend=$2 ;;
      --input-len) input_len=$2 ;;
      --output-len) output_len=$2 ;;
      --random-range-ratio) range_ratio=$2 ;;
      --num-prompts) num_prompts=$2 ;;
      --max-concurrency) concurrency=$2 ;;
      --result-filename) filename=$2 ;;
      --result-dir) folder=$2 ;;
      --num-warmups) warmups=$2 ;;
      --server-pid) more+=(--server-pid "$2") ;;
      --tokenizer) more+=(--tokenizer "$2") ;;
      *) _benchmark_usage "run_benchmark_serving: unknown option $1" ;;
    esac
    shift 2 || _benchmark_usage "run_benchmark_serving: $1 needs a value"
  done
  _benchmark_required run_benchmark_serving --model "$model" --port "$port" --backend "$backend" \
    --input-len "$input_len" --output-len "$output_len" --random-range-ratio "$range_ratio" \
    --num-prompts "$num_prompts" --max-concurrency "$concurrency" --result-filename "$filename" \
    --result-dir "$folder"

  # Jobs of August's contract have the number of GPUs of each kind, and warm up with two requests per stream.
  if [[ -z "$warmups" && -n "${PP_SIZE:-}" ]]; then warmups=$((2 * concurrency)); fi
  [[ -z "$warmups" ]] || more+=(--num-warmups "$warmups")

  # A profile grows with every request, so it covers one request per stream.
  if [[ "${PROFILE:-}" == 1 ]]; then
    num_prompts=$concurrency
    more+=(--profile)
  fi

  # Public scripts use the container's folder; outside a container, the run sets its location.
  if [[ -n "${INFERENCEMAX_WORKSPACE:-}" && "$folder" == /workspace* ]]; then
    folder="$INFERENCEMAX_WORKSPACE${folder#/workspace}"
  fi
  _benchmark_inferencemax bench serve \
    --backend "$backend" --base-url "http://127.0.0.1:$port" --model "$model" \
    --dataset-name random --random-input-len "$input_len" --random-output-len "$output_len" \
    --random-range-ratio "$range_ratio" --num-prompts "$num_prompts" --max-concurrency "$concurrency" \
    --request-rate inf --ignore-eos --save-result --percentile-metrics ttft,tpot,itl,e2el \
    --result-dir "$folder" --result-filename "${filename%.json}.json" "${more[@]}"
}

# Seconds since boot; unlike the time of day, this clock is never set.
_benchmark_uptime() {
  local uptime
  if read -r uptime _ 2>/dev/null </proc/uptime; then
    printf '%s\n' "${uptime%.*}"
  else
    printf '%s\n' "$SECONDS"
  fi
}

# Whether GET /health answers 200. It needs only bash, so it works in any image.
_benchmark_healthy() (
  exec 3<>"/dev/tcp/127.0.0.1/$1" || exit 1
  printf 'GET /health HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n' >&3
  read -r -t 5 -u 3 _ status _ && [[ $status == 200 ]]
) 2>/dev/null

# Runs inferencemax: the one that runs the script, the one next to this file, or the one on the PATH.
_benchmark_inferencemax() {
  local own
  if [[ -n "${INFERENCEMAX_NODE:-}" ]]; then
    "$INFERENCEMAX_NODE" "$INFERENCEMAX_BIN" "$@"
    return
  fi
  own="$(dirname "${BASH_SOURCE[0]}")/.."
  if [[ -x "$own/node_modules/.bin/node" ]]; then
    "$own/node_modules/.bin/node" "$own/bin/inferencemax.js" "$@"
  else
    inferencemax "$@"
  fi
}

# Parses pairs of option and value for a function; exits if a value is missing.
_benchmark_required() {
  local function=$1
  shift
  while (($# > 0)); do
    [[ -n "$2" ]] || _benchmark_usage "$function: $1 is missing"
    shift 2
  done
}

_benchmark_usage() {
  printf 'error: %s\n' "$1" >&2
  exit 1
}

/** How strongly a log line suggests the cause of a failure. */
export type Level = 'error' | 'plain' | 'warning' | 'info';

export interface LogLine {
  readonly text: string;
  readonly level: Level;
  /** What it can be quoted as if its cause is unknown: it names an exception, or is just an error. */
  readonly quotedAs: 'exception' | 'error' | 'nothing';
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: terminal colours start with one.
const colours = /\u001B\[[\d;]*[A-Za-z]/g;
/** A list of architectures or an echoed configuration can be very long; the useful parts are at its ends. */
const [longestStart, longestEnd] = [4_000, 1_000];

/** Log levels as loggers write them: words in Python and Rust, letters in TensorRT-LLM and glog, and NCCL's. */
const infoLevel =
  /(?:^|[\s\]|[(])(?:INFO|DEBUG|TRACE)(?:[\s:\]|)]|$)|\[[ID]\](?:\s|$)|NCCL (?:INFO|TRACE)|(?:^|\[)[ID]\d{4} /;
const warningLevel = /(?:^|[\s\]|[(])(?:WARN|WARNING)(?:[\s:\]|)]|$)|\[W\](?:\s|$)|Warning: |(?:^|\[)W\d{4} /;
const errorLevel =
  /(?:^|[\s\]|[(])(?:ERROR|FATAL|CRITICAL)(?:[\s:\]|)]|$)|\[[EF]\](?:\s|$)|NCCL WARN|(?:^|\[)[EF]\d{4} /;
/** A line that ends in the name of an exception and its message. */
const exceptionLine =
  /(?:^|[\s)\]|])(?:[A-Za-z_]\w*\.)*[A-Z]\w*(?:Error|Exception|Failure|Failed|Exit|Interrupt|Timeout)\b(?:\([^)]*\))?: \S|^(?:.*\) )?\s*(?:Exception|Error): \S|^error: \S|Value error, /;
const errorWords =
  /Error response from daemon|\b[Ff]ailed to \w+|\berror (?:loading|while|in|during)\b|what\(\):|terminate called|panicked at|Traceback|\b(?:fatal|FATAL)\b|\b[Ee]rror occurred\b|(?:^|\s)(?:error|Error|ERROR): |Assertion .*failed|ASSERT\(.*failed|failed with (?:error|status|code)|\bXid\b|core dumped|Aborted|CANCELLED AT|Segfault encountered|Memory access fault|nvidia-container-cli: |^Unable to |GPU is lost|: Killed$/;

/** Mentions that are not failures: a fallback was used, or text is only echoed. */
const harmless =
  /\b(?:retry(?:ing)?|retries left|will (?:be )?(?:retried|try again)|ignor(?:ed|ing)|can (?:safely )?be ignored|harmless|not fatal|non-fatal|fall(?:s|ing|back)? ?back|skipp(?:ed|ing)|optional|instead of failing|deprecated|recovered|successfully|consider|if you (?:are|run|see|get|encounter)|to avoid|in case of|may (?:cause|lead|result)|could (?:cause|lead)|might (?:cause|lead))\b/i;
const usedInstead = /\b(?:using|trying|switch(?:ing|ed) to)\b.{0,40}\b(?:instead|next|\d+)\s*$/i;
/** Arguments, variables and settings that programs print at startup. */
const echoed =
  /non-default args|server_args ?=|ServerArgs\(|Namespace\(|^\+\s|^\$\s|argv|command line|EngineArgs\(|[Cc]onfig(?:uration)?\(|llm[_-]?args|_env\b.*=|environment variable/i;
const progress =
  /\d+%\s*(?:Completed|\||\d)|it\/s\b|HTTP\/1\.1" [23]\d\d|Pull complete|Download complete|Downloading|Extracting/;
/** Lines that only report the failure of something else; never quoted. */
const wrapper =
  /Engine core initialization failed|EngineDeadError|EngineCore (?:encountered an issue|failed to start)|WorkerProc (?:initialization failed|failed to start)|Failed core proc|[Ss]ee (?:root cause|stack trace)|ChildFailedError|Executor worker (?:returned error|died|initialization)|Received sigquit|died unexpectedly|CUDA kernel errors might|For (?:further information|debugging)|CalledProcessError|SystemExit|KeyboardInterrupt|CancelledError|BrokenPipeError|Exited with exit code|MPI_ABORT|mpirun detected|Failed to invoke spank|couldn't start container|required plugin|child \d+ failed|Scheduler hit an exception|validation errors? for|Error in sys\.excepthook|Traceback|terminate called|Application shutdown|Job step aborted|task \d+: (?:Killed|Terminated|Exited)|container start failed|Fatal Python error: Aborted|above exception was|Dumping (?:input|scheduler)|output_handler failed/;

/** The lines of a log with their levels; continuation lines of an error message count as errors. */
export function logLines(log: string): LogLine[] {
  let continued = 0;
  return log
    .replaceAll(colours, '')
    .split(/\r?\n|\r/)
    .map((raw) => {
      const text = shortened(raw);
      const own = ownLevel(text);
      if (own === 'error') continued = mostContinued;
      else if (own !== 'plain' || text.trim() === '') continued = 0;
      else if (continued > 0) {
        continued -= 1;
        return { text, level: 'error', quotedAs: 'nothing' };
      }
      const isTelling = own === 'error' && !wrapper.test(text);
      const quotedAs = isTelling ? (exceptionLine.test(text) ? 'exception' : 'error') : 'nothing';
      return { text, level: own, quotedAs };
    });
}

/** Maximum continuation lines of a message. */
const mostContinued = 12;

function ownLevel(text: string): Level {
  if (echoed.test(text) && !exceptionLine.test(text)) return 'info';
  const lenient = harmless.test(text) || usedInstead.test(text);
  if (errorLevel.test(text)) return lenient && !exceptionLine.test(text) ? 'warning' : 'error';
  if (infoLevel.test(text) || progress.test(text)) return 'info';
  if (warningLevel.test(text)) return 'warning';
  if (exceptionLine.test(text) || errorWords.test(text)) return 'error';
  return lenient ? 'warning' : 'plain';
}

function shortened(text: string): string {
  return text.length <= longestStart + longestEnd
    ? text
    : `${text.slice(0, longestStart)} … ${text.slice(-longestEnd)}`;
}

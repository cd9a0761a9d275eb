import { type Host, HostFailure, type Runner } from '../hosts/index.ts';
import { tokenVariable } from './engine-record.ts';

/** Reading a stack takes a moment, so only the first processes of a large engine are read. */
const mostStacks = 16;
const stackS = 3;
/** Timeout for everything: at most the sum of the timeouts of all stacks. */
const lookMs = 1_000 * (mostStacks * stackS + 12);
/** A stack is described by its innermost frames. */
const shownFrames = 2;
const shownGroups = 3;
const mostKept = 256 * 1024;

/**
 * Prints each process whose environment has $1=$2 and what it waits for in the kernel. If py-spy is installed, also
 * prints the stacks of the first $3 processes, with a timeout of $4 seconds each.
 */
const look = `spy=yes
command -v py-spy >/dev/null 2>&1 || spy=
test -n "$spy" || echo "@without py-spy"
left="$3"
for each in /proc/[0-9]*; do
  if grep -qzxF "$1=$2" "$each/environ" 2>/dev/null; then
    pid="\${each#/proc/}"
    state=$(sed -n 's/^State:[[:space:]]*\\(.\\).*/\\1/p' "$each/status" 2>/dev/null)
    test -n "$state" || continue
    echo "@process $pid $state $(cat "$each/wchan" 2>/dev/null || echo 0) $(cat "$each/comm" 2>/dev/null)"
    test -n "$spy" && test "$left" -gt 0 || continue
    left=$((left - 1))
    timeout "$4" py-spy dump --nonblocking --pid "$pid" 2>&1 | tail -n +2
  fi
done
exit 0`;

/** What a process of an engine does at one moment. */
export interface SeenProcess {
  readonly pid: number;
  readonly name: string;
  /** The kernel's letter: `R` runs, `S` sleeps, `D` waits for a device or a disk and cannot be killed. */
  readonly state: string;
  /** The kernel function that it waits in; undefined if it does not wait or the kernel does not say. */
  readonly waitsIn?: string;
  /** The frames of its main thread, innermost first, such as `acquire (filelock/_api.py:320)`; empty if unknown. */
  readonly frames: readonly string[];
}

/** What the processes of an engine are doing. */
export interface ProcessLook {
  readonly processes: readonly SeenProcess[];
  readonly hasPySpy: boolean;
  /** All threads of all processes, as py-spy prints them. */
  readonly text: string;
}

/** Looks at the processes of an engine in one place; undefined if none are visible there. */
export async function lookAtProcesses(place: Runner, token: string): Promise<ProcessLook | undefined> {
  const argv = ['sh', '-c', look, 'look', tokenVariable, token, String(mostStacks), String(stackS)];
  try {
    const { stdout } = await place.run(argv, { timeoutMs: lookMs });
    const found = processesIn(stdout);
    return found.processes.length === 0 ? undefined : found;
  } catch (error) {
    if (error instanceof HostFailure) return undefined;
    throw error;
  }
}

/** The first place that gives stacks, or else the first that shows processes; containers come first. */
export async function bestLook(places: readonly Runner[], token: string): Promise<ProcessLook | undefined> {
  let best: ProcessLook | undefined;
  for (const place of places) {
    const seen = await lookAtProcesses(place, token);
    if (seen?.processes.some(({ frames }) => frames.length > 0) === true) return seen;
    best ??= seen;
  }
  return best;
}

/** Parses the output of the script. */
export function processesIn(printed: string): ProcessLook {
  const processes: (SeenProcess & { readonly frames: string[] })[] = [];
  const kept: string[] = [];
  let inMain = false;
  for (const line of printed.split('\n')) {
    if (line.startsWith('@without')) continue;
    const [, pid, state = '', waitsIn = '', name = ''] = /^@process (\d+) (\S) (\S+) (.*)$/.exec(line) ?? [];
    if (pid !== undefined) {
      const waits = /^[a-z_]\w*$/.test(waitsIn) ? { waitsIn } : {};
      processes.push({ pid: Number(pid), name, state, ...waits, frames: [] });
      kept.push(`process ${pid} (${name})`);
      inMain = false;
      continue;
    }
    if (/^Thread /.test(line)) inMain = /"MainThread"/.test(line);
    const frame = /^ {4}(\S.*)$/.exec(line)?.[1];
    if (inMain && frame !== undefined) processes.at(-1)?.frames.push(frame);
    kept.push(line);
  }
  return {
    processes,
    hasPySpy: !printed.startsWith('@without'),
    text: `${kept.join('\n').slice(0, mostKept).trimEnd()}\n`,
  };
}

/**
 * Describes what processes are doing. Processes that do the same form a group, smallest group first: a process that
 * does something different is usually the one that the others wait for.
 */
export function processesInWords({ processes, hasPySpy }: ProcessLook): string {
  const groups = [...Map.groupBy(processes, doing)].toSorted((a, b) => a[1].length - b[1].length);
  const told = groups.slice(0, shownGroups).map(([what, those]) => `${namesOf(those)} ${what}`);
  const more = groups.length > shownGroups ? [`${groups.length - shownGroups} other groups`] : [];
  const hint = hasPySpy ? '' : ' (py-spy is not installed there: install it to see stacks)';
  return `${[...told, ...more].join(', ')}${hint}`;
}

function namesOf(processes: readonly SeenProcess[]): string {
  const [first] = processes;
  if (processes.length > 1 || first === undefined) return `${processes.length} processes`;
  return `process ${first.pid} (${first.name})`;
}

function doing({ frames, state, waitsIn }: SeenProcess): string {
  if (frames.length > 0) return `in ${frames.slice(0, shownFrames).join(' < ')}`;
  if (state === 'D')
    return `blocked in the kernel${waitsIn === undefined ? '' : ` (${waitsIn})`}, for a device or a disk`;
  if (state === 'R') return 'running';
  if (state === 'T' || state === 't') return 'stopped by a signal or a debugger';
  if (state === 'Z') return 'dead, waiting for its parent to read its exit code';
  return waitsIn === undefined ? 'asleep' : `asleep in ${waitsIn}`;
}

/** Describes the processes of each node of a multi-node engine, with the node's name. */
export async function processActivity(
  nodes: readonly { readonly name: string; readonly host: Host; readonly inside: readonly Runner[] }[],
  token: string,
): Promise<{ readonly words: string; readonly text: string } | undefined> {
  const looks = await Promise.all(
    nodes.map(async ({ name, host, inside }) => ({ name, look: await bestLook([...inside, host], token) })),
  );
  const seen = looks.flatMap(({ name, look }) => (look === undefined ? [] : [{ name, look }]));
  if (seen.length === 0) return undefined;
  const isOne = nodes.length === 1;
  return {
    words: seen.map(({ name, look }) => `${isOne ? '' : `on ${name} `}${processesInWords(look)}`).join('; '),
    text: seen.map(({ name, look }) => `${isOne ? '' : `# ${name}\n`}${look.text}`).join('\n'),
  };
}

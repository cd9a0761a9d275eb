/** What is known of how an engine ended. */
export interface EngineEnd {
  /** The last lines that it, or what ran it, wrote. */
  readonly log?: string;
  readonly code?: number | null;
  readonly signal?: string | null;
  /** Processes of its machine that the kernel ended for memory while it ran. */
  readonly kernelKills?: number;
  /** The state of its Slurm job, in Slurm's word. */
  readonly slurmState?: string;
}

/** One way in which it shows that memory ran out. */
interface MemorySign {
  readonly message: string;
  readonly shows: (end: EngineEnd) => boolean;
}

/** What runtimes write when memory runs out, of an accelerator or of the machine. */
export const memoryWords = {
  accelerator:
    /OutOfMemoryError|CUDA out of memory|CUDA (?:runtime )?error.*out of memory|HIP out of memory|cudaErrorMemoryAllocation/,
  machine: /MemoryError|Cannot allocate memory|std::bad_alloc|oom-kill|Out of memory: Killed/,
  either: /out of memory|outofmemory|bad_alloc|cannot allocate memory|heap limit|oom[- ]kill/i,
} as const;

/** How Slurm's steps and the kernel's killer end a process: SIGKILL, which shells and job starters report as 128 + 9. */
export function wasKilled({ code, signal }: Pick<EngineEnd, 'code' | 'signal'>): boolean {
  return signal === 'SIGKILL' || code === 137;
}

/**
 * Every sign that memory ran out, the surest first. A kill alone is no sign: the kernel must have counted one for
 * memory while the engine ran.
 */
const memorySigns: readonly MemorySign[] = [
  {
    message: 'the kernel ended the engine for want of memory',
    shows: (end) => wasKilled(end) && (end.kernelKills ?? 0) > 0,
  },
  {
    message: 'its Slurm job ran out of memory',
    shows: ({ slurmState }) => slurmState === 'OUT_OF_MEMORY',
  },
  {
    message: 'Slurm ended the engine for want of memory',
    shows: ({ log = '' }) => /oom[-_]kill event|task \d+.*: Out Of Memory/i.test(log),
  },
  {
    message: 'the engine says that memory ran out',
    shows: ({ log = '' }) => Object.values(memoryWords).some((words) => words.test(log)),
  },
];

/** How it shows that an engine ended because memory ran out; undefined if nothing shows it. */
export function memoryRanOut(end: EngineEnd): string | undefined {
  return memorySigns.find(({ shows }) => shows(end))?.message;
}

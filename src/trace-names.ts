import { basename } from 'node:path';

/** A trace of a server's profiler, and the name under which it is kept. */
export interface NamedTrace {
  readonly file: string;
  readonly name: string;
}

/** Names traces after the result that they belong to: `profile_<result>`, numbered if there are several. */
export function namedTraces(files: readonly string[], result: string): NamedTrace[] {
  return files.toSorted().map((file, index) => {
    const number = files.length === 1 ? '' : `_${index}`;
    return { file, name: `profile_${result}${number}${endingOf(file)}` };
  });
}

/** `.trace.json.gz` of `host_17.1723.pt.trace.json.gz`, and `.txt` of the summary that vLLM writes beside a trace. */
function endingOf(file: string): string {
  return /(?:\.trace)?(?:\.[a-z]+)?(?:\.gz)?$/.exec(basename(file))?.[0] ?? '';
}

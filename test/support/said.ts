import { vi } from 'vitest';
import { main } from '../../src/cli/main.ts';

/** Runs a command line in this process, if it ends before any real work; returns its exit code and output. */
export async function said(...words: string[]) {
  const written = { stdout: '', stderr: '' };
  const { exitCode } = process;
  process.exitCode = undefined;
  const spies = (['stdout', 'stderr'] as const).map((name) =>
    vi.spyOn(process[name], 'write').mockImplementation((text) => {
      written[name] += String(text);
      return true;
    }),
  );
  try {
    const code = await main(words);
    return { code, ...written };
  } finally {
    for (const spy of spies) spy.mockRestore();
    process.exitCode = exitCode;
  }
}

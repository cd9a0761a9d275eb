import { vi } from 'vitest';
import { main } from '../../src/cli/main.ts';

/** Runs a command line in this process, for what ends before there is work to do: its exit code and what it printed. */
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

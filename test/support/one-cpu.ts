import { readFile } from 'node:fs/promises';

/**
 * A line for a pool file that pins engines to one CPU. The real engine's threads wait for each other at every layer, so
 * on a busy machine they would wait for threads that are not running.
 */
export async function onOneCpu(): Promise<string> {
  const [, cpu] = /^Cpus_allowed_list:\s*(\d+)/m.exec(await readFile('/proc/self/status', 'utf8')) ?? [];
  return `cpus: '${cpu}'\n`;
}

import { readFile } from 'node:fs/promises';

/**
 * The line of a pool that pins engines to one CPU that this process may use. Threads of the real engine wait for each
 * other at every layer: on a busy machine for one that is not running.
 */
export async function onOneCpu(): Promise<string> {
  const [, cpu] = /^Cpus_allowed_list:\s*(\d+)/m.exec(await readFile('/proc/self/status', 'utf8')) ?? [];
  return `cpus: '${cpu}'\n`;
}

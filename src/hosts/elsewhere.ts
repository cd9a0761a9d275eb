import { type Host, mustRun, type Runner } from './host.ts';

/** Timeout for reading a file or a folder, including a login. */
const readMs = 5_000;

/** Reads files on a host by running commands. */
export function readingBy(host: Runner): Pick<Host, 'readFile' | 'list'> {
  const read = async (...argv: string[]) => await mustRun(host, argv, { timeoutMs: readMs });
  return {
    readFile: async (path) => await read('cat', path),
    list: async (folder) => (await read('ls', '-1', folder)).split('\n').filter((name) => name !== ''),
  };
}

/** A node behind a host; `prefix` is the host's command for running another one on the node. */
export function nodeBeyond(host: Host, prefix: readonly string[]): Host {
  const run: Host['run'] = async (argv, options) => await host.run([...prefix, ...argv], options);
  return {
    ...host,
    isThisMachine: false,
    run,
    runInto: async (argv, target, options) => await host.runInto([...prefix, ...argv], target, options),
    start: async (argv, options) => await host.start([...prefix, ...argv], options),
    ...readingBy({ run }),
  };
}

import { type Host, mustRun, type Runner } from './host.ts';

/** A file or a list of names; a login is part of it. */
const readMs = 5_000;

/** How files are read where only commands reach. */
export function readingBy(host: Runner): Pick<Host, 'readFile' | 'list'> {
  const read = async (...argv: string[]) => await mustRun(host, argv, { timeoutMs: readMs });
  return {
    readFile: async (path) => await read('cat', path),
    list: async (folder) => (await read('ls', '-1', folder)).split('\n').filter((name) => name !== ''),
  };
}

/** A node beyond a host: `prefix` is the command of the host that runs another one on the node. */
export function nodeBeyond(host: Host, prefix: readonly string[]): Host {
  const run: Host['run'] = async (argv, options) => await host.run([...prefix, ...argv], options);
  return {
    ...host,
    isThisMachine: false,
    run,
    start: async (argv, options) => await host.start([...prefix, ...argv], options),
    ...readingBy({ run }),
  };
}

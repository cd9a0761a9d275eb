import { hostname } from 'node:os';
import { type Host, HostFailure, thisMachine } from '../hosts/index.ts';
import type { EngineExit, Reservation } from './launcher.ts';

/** A server that somebody else runs, as if it had been reserved: it is asked, and neither started nor stopped. */
export function reserveRunningServer(server: string): Reservation {
  const { hostname: address } = new URL(server);
  const isHere = ['localhost', '127.0.0.1', '[::1]', hostname()].includes(address);
  return {
    nodes: [address],
    node: isHere ? thisMachine : machineOfOthers(address),
    start: async ({ logPath }) => ({
      baseUrl: server,
      logPath,
      // Whether it has ended is only seen by what it answers.
      exited: new Promise<EngineExit>(() => {}),
      stop: async () => {},
    }),
    release: async () => {},
  };
}

/** The machine of such a server, where no command can be run. */
function machineOfOthers(address: string): Host {
  const refuse = async (): Promise<never> => {
    throw new HostFailure('unreachable', `${address} is the host of an external server`, {
      command: address,
    });
  };
  return {
    isThisMachine: false,
    destination: address,
    run: refuse,
    start: refuse,
    readFile: refuse,
    list: refuse,
    folderFor: (folder) => folder,
    writeFiles: refuse,
    reach: refuse,
  };
}

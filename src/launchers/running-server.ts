import { hostname } from 'node:os';
import { type Host, HostFailure, thisMachine } from '../hosts/index.ts';
import type { EngineExit, Reservation } from './launcher.ts';

/** An external server as a reservation: it receives requests, but is neither started nor stopped. */
export function reserveRunningServer(server: string): Reservation {
  const { hostname: address } = new URL(server);
  const isHere = ['localhost', '127.0.0.1', '[::1]', hostname()].includes(address);
  return {
    nodes: [address],
    node: isHere ? thisMachine : machineOfOthers(address),
    start: async ({ logPath }) => ({
      baseUrl: server,
      logPath,
      // Only its answers show whether it has ended.
      exited: new Promise<EngineExit>(() => {}),
      stop: async () => {},
    }),
    release: async () => {},
  };
}

/** The host of such a server; it cannot run commands. */
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
    runInto: refuse,
    start: refuse,
    readFile: refuse,
    list: refuse,
    folderFor: (folder) => folder,
    writeFiles: refuse,
    reach: refuse,
  };
}

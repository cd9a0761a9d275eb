import { createServer } from 'node:net';
import { InputError } from '../errors.ts';
import type { Host } from '../hosts/index.ts';
import type { EngineRecords } from './engine-record.ts';
import { holderInWords } from './port-holder.ts';

/** How long to wait for a reply from a process on the port. */
const answerMs = 2_000;

/**
 * Throws InputError, naming the listener, if an engine cannot use a port of a node: a process listens on it there or,
 * if that is not visible, the port cannot be opened (this machine), or a request to it is answered or times out
 * (another machine).
 */
export async function refuseTakenPort(
  node: Host,
  baseUrl: string,
  { host, port }: { readonly host: string; readonly port: number },
  records: EngineRecords,
): Promise<void> {
  const seen = await holderInWords({ host, port }, node);
  const free =
    seen === undefined && (node.isThisMachine ? await canListen(host, port) : !(await answers(baseUrl)));
  if (free) return;
  const at = `port ${port} on ${node.isThisMachine ? host : new URL(baseUrl).hostname}`;
  const holder = (await records.list()).find(
    (record) => record.port === port && record.destination === node.destination,
  );
  throw new InputError(
    holder === undefined
      ? `${at} is in use by ${seen === undefined ? 'a process that' : `${seen}, which`} InferenceMAX did not start`
      : `${at} is in use by session ${holder.sessionId} of another run (process ${holder.owner.pid})`,
    `${holder === undefined ? 'stop it' : 'wait for it'}, or choose another port with --port`,
    { code: 'port-in-use' },
  );
}

async function answers(url: string): Promise<boolean> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(answerMs) });
    await response.body?.cancel();
    return true;
  } catch (error) {
    return error instanceof DOMException && error.name === 'TimeoutError';
  }
}

/** Whether a port of this machine is free to listen on. */
export async function canListen(host: string, port: number): Promise<boolean> {
  return await new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', (error: NodeJS.ErrnoException) =>
      error.code === 'EADDRINUSE' ? resolve(false) : reject(error),
    );
    probe.listen({ host, port, exclusive: true }, () => probe.close(() => resolve(true)));
  });
}

import { createServer } from 'node:net';
import { InputError } from '../errors.ts';
import type { EngineRecords } from './engine-record.ts';

/** An answer of whoever has the port may take so long. */
const answerMs = 2_000;

/** Throws InputError, naming who has it where that is one of our sessions, when a port of this machine is taken. */
export async function refuseTakenPort(
  { host, port }: { readonly host: string; readonly port: number },
  records: EngineRecords,
): Promise<void> {
  if (!(await canListen(host, port))) await refuse(host, port, records);
}

/** The same for any machine: throws when something there answers, or takes requests without an answer. */
export async function refuseAnsweringPort(
  baseUrl: string,
  { port }: { readonly port: number },
  records: EngineRecords,
): Promise<void> {
  try {
    const response = await fetch(baseUrl, { signal: AbortSignal.timeout(answerMs) });
    await response.body?.cancel();
  } catch (error) {
    if (!(error instanceof DOMException && error.name === 'TimeoutError')) return;
  }
  await refuse(new URL(baseUrl).hostname, port, records);
}

async function refuse(host: string, port: number, records: EngineRecords): Promise<never> {
  const holder = (await records.list()).find((record) => record.port === port);
  throw new InputError(
    holder === undefined
      ? `port ${port} on ${host} is in use by a process that this product did not start`
      : `port ${port} on ${host} is in use by session ${holder.sessionId} of another run (process ${holder.owner.pid})`,
    holder === undefined
      ? 'stop it, or choose another port with --port'
      : 'wait for it, or choose another port with --port',
  );
}

/** Whether nobody listens on a port of this machine. */
export async function canListen(host: string, port: number): Promise<boolean> {
  return await new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', (error: NodeJS.ErrnoException) =>
      error.code === 'EADDRINUSE' ? resolve(false) : reject(error),
    );
    probe.listen({ host, port, exclusive: true }, () => probe.close(() => resolve(true)));
  });
}

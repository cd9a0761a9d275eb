import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';

/** Below the ephemeral port range, so that no other program gets one of these ports by chance. */
const firstPort = 20_000;
const lastPort = 32_000;

/** A free port that no test in another process gets before this process ends. */
export async function freePort(): Promise<number> {
  return await freePorts(1);
}

/** The first of `count` consecutive free ports. */
export async function freePorts(count: number): Promise<number> {
  for (;;) {
    const first = firstPort + Math.floor(Math.random() * (lastPort - firstPort - count));
    const row = Array.from({ length: count }, (_, index) => first + index);
    const ours = await Promise.all(row.map(async (port) => (await claim(port)) && (await isFree(port))));
    if (ours.every(Boolean)) return first;
  }
}

/** Claims a port number for this process; a UDP socket with the same number marks it for other processes. */
async function claim(port: number): Promise<boolean> {
  const mark = createSocket('udp4');
  const outcome = once(mark, 'listening').then(
    () => true,
    () => false,
  );
  mark.bind({ port, address: '127.0.0.1', exclusive: true });
  // It must not keep the process alive.
  mark.unref();
  return await outcome;
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  const listening = once(server, 'listening').then(
    () => true,
    () => false,
  );
  server.listen(port, '127.0.0.1');
  const free = await listening;
  if (free) {
    server.close();
    await once(server, 'close');
  }
  return free;
}

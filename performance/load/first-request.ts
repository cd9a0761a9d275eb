import { type ChildProcess, spawn } from 'node:child_process';
import { createServer } from 'node:net';

/** Milliseconds from the start of our client's process to the first byte of its first request. */
export function timeToFirstRequestMs(program: string, streams: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => {
      socket.on('error', () => {});
      socket.once('data', () => {
        resolve(performance.now() - startMs);
        child?.kill();
        server.close();
        socket.destroy();
      });
    });
    let startMs = 0;
    let child: ChildProcess | undefined;
    server.once('error', reject);
    server.listen({ port: 0, host: '127.0.0.1', backlog: 4096 }, () => {
      const address = server.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      const load = [
        '--url',
        `http://127.0.0.1:${port}`,
        '--streams',
        String(streams),
        '--requests',
        String(streams),
      ];
      startMs = performance.now();
      child = spawn(process.execPath, [program, ...load], {
        stdio: 'ignore',
      });
    });
  });
}

import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** Runs a launcher in another process until its engine answers, then kills that process before it can clean up. */
export async function productKilledWithEngine(start: {
  /** Statements that create `launcher`; they may use `import`. */
  readonly makeLauncher: string;
  readonly reserve: object;
  readonly request: object;
}): Promise<void> {
  const readiness = new URL('../../src/launchers/readiness.ts', import.meta.url).href;
  const program = `
    import { waitUntilReady } from ${JSON.stringify(readiness)};
    ${start.makeLauncher}
    const context = { signal: new AbortController().signal, onProgress: () => {} };
    const place = await launcher.reserve(${JSON.stringify(start.reserve)}, context);
    const engine = await place.start(${JSON.stringify(start.request)}, context);
    await waitUntilReady(engine, { healthPath: '/', timeoutS: 30, signal: context.signal });
    console.log('ready');
  `;
  const product = spawn(process.execPath, ['--input-type=module-typescript', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(product, 'exit');
  const first = await Promise.race([
    once(product.stdout, 'data').then(() => 'ready'),
    exited.then(() => 'ended'),
  ]);
  if (first === 'ended') throw new Error('the product ended before its engine was ready');
  product.kill('SIGKILL');
  await exited;
}

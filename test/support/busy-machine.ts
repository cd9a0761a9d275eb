import { realpathSync } from 'node:fs';
import { basename } from 'node:path';
import { pathToFileURL } from 'node:url';

/**
 * Preloaded into the program that tests start. Its measurements next to other work are not meant for publication, and
 * their verdicts must not influence the sweep; the verdicts have separate tests.
 */
const [, program = ''] = process.argv;
if (basename(program) === 'inferencemax.js') {
  const verdict = new URL('../src/load/fidelity/verdict.ts', pathToFileURL(realpathSync(program)));
  const { thresholds }: typeof import('../../src/load/fidelity/verdict.ts') = await import(verdict.href);
  const own = (path: string) => new URL(path, pathToFileURL(realpathSync(program))).href;
  const { overloadThresholds }: typeof import('../../src/telemetry/overload.ts') = await import(
    own('../src/telemetry/overload.ts')
  );
  const { beyondServerThresholds }: typeof import('../../src/telemetry/server/beside-client.ts') =
    await import(own('../src/telemetry/server/beside-client.ts'));
  overloadThresholds.tasksPerCpu = Number.POSITIVE_INFINITY;
  for (const threshold of Object.values(beyondServerThresholds))
    Object.assign(threshold, { ms: Number.POSITIVE_INFINITY });
  const least = { suspect: 0, invalid: 0 };
  const most = { suspect: Number.POSITIVE_INFINITY, invalid: Number.POSITIVE_INFINITY };
  const noLag = { ms: Number.POSITIVE_INFINITY, ttftShare: 0 };
  Object.assign(thresholds, {
    concurrencyShare: least,
    rateShare: least,
    loopLag: { suspect: noLag, invalid: noLag },
    clientCpuShare: most,
    sendDelayP99Ms: most,
  });
}

import { existsSync } from 'node:fs';
import { Command, Option } from 'commander';
import { InputError } from '../../errors.ts';
import { createApp, ensureWebBuilt, listen } from '../../server/index.ts';
import { openStore } from '../../store/index.ts';
import { withInterrupt } from '../interrupt.ts';
import { jsonOption, stateDirOption } from '../options.ts';
import { StateFolder } from '../state-folder.ts';

interface ServeOptions {
  readonly stateDir: string;
  readonly host: string;
  readonly port: number;
  readonly json?: boolean;
}

/** `inferencemax serve`: the API and the dashboard over the store, until interrupted. */
export function command(): Command {
  return new Command('serve')
    .description('Serves the dashboard and its API over everything in the store.')
    .addOption(stateDirOption())
    .addOption(new Option('--host <address>', 'the address to listen on').default('127.0.0.1'))
    .addOption(
      new Option('--port <port>', 'the port, 0 for any free one').argParser(portNumber).default(8080),
    )
    .addOption(jsonOption())
    .addHelpText('after', '\nExample:\n  inferencemax serve --port 8080')
    .action(async ({ stateDir, host, port, json }: ServeOptions) => {
      const state = new StateFolder(stateDir);
      if (!existsSync(state.store)) {
        throw new InputError(
          `there is no store ${state.store}`,
          'measure something first, such as with `inferencemax quickstart`',
        );
      }
      const webFolder = await ensureWebBuilt(() => process.stderr.write('building the dashboard, once\n'));
      const store = await openStore(state.store);
      try {
        const { url, close } = await listen(createApp(store, webFolder), { host, port });
        process.stdout.write(json ? `${JSON.stringify({ url })}\n` : `dashboard: ${url} (Ctrl-C ends it)\n`);
        await withInterrupt(interrupted, () => {});
        await close();
      } finally {
        await store.close();
      }
    });
}

async function interrupted(signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}

function portNumber(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0 || value > 65_535) {
    throw new InputError(`'${text}' is not a port`, 'a port is a whole number from 0 to 65535');
  }
  return value;
}

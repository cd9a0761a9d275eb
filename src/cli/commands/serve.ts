import { Argument, Command, InvalidArgumentError, Option } from 'commander';
import { knowledgeOf } from '../../app/knowledge.ts';
import { StateFolder } from '../../app/state-folder.ts';
import { openExistingStore, withStore } from '../../app/store.ts';
import { InputError } from '../../errors.ts';
import {
  createApp,
  ensureWebBuilt,
  hostGuard,
  isLoopback,
  listen,
  siteFiles,
  TokenFile,
} from '../../server/index.ts';
import { withInterrupt } from '../interrupt.ts';
import { jsonOption, portNumber, positiveInteger, positiveNumber, stateDirOption } from '../options.ts';
import { storeLocation } from '../store-location.ts';
import { type StoreOptionValues, storeOptions } from '../store-options.ts';

interface ServeOptions extends StoreOptionValues {
  readonly host: string;
  readonly port: number;
  readonly allowRemote?: true;
  readonly hostName: readonly string[];
  readonly proxies: number;
  readonly rate: number;
  readonly maxUpload: number;
  readonly json?: true;
}

/** `inferencemax serve`: serves the API and the dashboard from the store until interrupted. */
export function command(): Command {
  const serving = new Command('serve').description('Serves the dashboard and its API from the store.');
  for (const option of storeOptions()) serving.addOption(option);
  return serving
    .addOption(new Option('--host <address>', 'address to listen on').default('127.0.0.1'))
    .addOption(new Option('--port <port>', 'port, 0 for any free port').argParser(portOrAny).default(8080))
    .addOption(
      new Option(
        '--allow-remote',
        'allow reads from other machines; required for any address other than loopback',
      ),
    )
    .addOption(
      new Option('--host-name <names...>', 'host names of the server, for example behind a proxy').default(
        [],
        'its address and loopback',
      ),
    )
    .addOption(
      new Option(
        '--proxies <count>',
        'number of reverse proxies in front; clients are identified by the addresses that the proxies add to X-Forwarded-For',
      )
        .argParser(proxyCount)
        .default(0),
    )
    .addOption(
      new Option('--rate <requests>', 'request rate limit per client, in requests per second')
        .argParser(positiveNumber)
        .default(100),
    )
    .addOption(
      new Option('--max-upload <MiB>', 'size limit of an uploaded archive')
        .argParser(positiveInteger)
        .default(256),
    )
    .addOption(jsonOption())
    .addCommand(tokenCommand())
    .addHelpText(
      'after',
      `
Examples:
  inferencemax serve --port 8080
  inferencemax serve --host 0.0.0.0 --allow-remote --host-name bench.example
  inferencemax serve token create ci
  curl --data-binary @artifacts.zip -H 'content-type: application/zip' -H "authorization: Bearer $TOKEN" \\
    "http://127.0.0.1:8080/api/v1/ingest?sha=$GITHUB_SHA&url=$RUN_URL"

The API describes itself at /api/v1/openapi.json; /metrics is for Prometheus.`,
    )
    .action(serve);
}

async function serve(options: ServeOptions): Promise<void> {
  const { host, port, allowRemote, hostName, proxies, rate, maxUpload, json } = options;
  if (!isLoopback(host) && allowRemote === undefined) {
    throw new InputError(
      `${host} is reachable from other machines, and reading needs no password`,
      'add --allow-remote if that is intended',
      { code: 'missing-option' },
    );
  }
  const webFolder = await ensureWebBuilt(() =>
    process.stderr.write('building the dashboard (first start only)\n'),
  );
  await withStore(await openExistingStore(storeLocation(options)), async (store) => {
    const app = createApp({
      knowledge: { ...(await knowledgeOf(store)), offersTraces: isForThisMachine(options) },
      files: await siteFiles(webFolder),
      allowsHost: hostGuard(host, hostName),
      proxies,
      readLimit: { burst: 5 * rate, perSecond: rate },
      writeLimit: { burst: 10, perSecond: 0.2 },
      writing: {
        tokens: tokensOf(options),
        ingest: async (archive, said) => await store.ingest(archive, said),
        maxBytes: maxUpload * 1024 * 1024,
      },
      onError: (request, error) => process.stderr.write(`${request}: ${error.stack ?? error.message}\n`),
    });
    await withInterrupt(
      async (signal) => {
        const { url, close } = await listen(app, { host, port });
        process.stdout.write(json ? `${JSON.stringify({ url })}\n` : `dashboard: ${url} (Ctrl-C to stop)\n`);
        await aborted(signal);
        await close();
      },
      () => {},
    );
  });
}

/** Whether only programs on this machine can reach the server. */
function isForThisMachine({ host, hostName, proxies }: ServeOptions): boolean {
  return isLoopback(host) && hostName.length === 0 && proxies === 0;
}

interface TokenOptions {
  readonly stateDir: string;
  readonly days?: number;
  readonly json?: true;
}

/** `inferencemax serve token`: manages tokens that allow writing to the store. */
function tokenCommand(): Command {
  const token = new Command('token').description(
    'Creates, lists and revokes tokens that allow writing to the store.',
  );
  token
    .command('create')
    .description('Creates a token and shows it once; copy it now.')
    .addArgument(new Argument('<name>', 'name of the token, such as ci').argParser(tokenName))
    .addOption(
      new Option('--days <days>', 'days until it expires (default: never)').argParser(positiveInteger),
    )
    .addOption(stateDirOption())
    .addOption(jsonOption())
    .addHelpText('after', '\nExample:\n  inferencemax serve token create ci --days 90')
    .action(async (name: string, options: TokenOptions) => {
      const { days, json } = options;
      const secret = await tokensOf(options).create(name, { now: new Date(), days });
      process.stdout.write(json ? `${JSON.stringify({ name, token: secret })}\n` : `${secret}\n`);
    });
  token
    .command('list')
    .description('Lists the names of the tokens; the tokens themselves are not stored.')
    .addOption(stateDirOption())
    .addOption(jsonOption())
    .addHelpText('after', '\nExample:\n  inferencemax serve token list')
    .action(async (options: TokenOptions) => {
      const { json } = options;
      const tokens = (await tokensOf(options).list()).map(({ name, createdAt, expiresAt }) => ({
        name,
        createdAt,
        expiresAt,
      }));
      if (json) process.stdout.write(`${JSON.stringify(tokens)}\n`);
      else if (tokens.length === 0) process.stdout.write('no tokens, so no client can write\n');
      for (const { name, createdAt, expiresAt } of json ? [] : tokens)
        process.stdout.write(
          `${name}\tmade ${createdAt}\t${expiresAt === null ? 'until revoked' : `until ${expiresAt}`}\n`,
        );
    });
  token
    .command('revoke')
    .description('Revokes a token immediately.')
    .argument('<name>', 'name of the token')
    .addOption(stateDirOption())
    .addOption(jsonOption())
    .addHelpText('after', '\nExample:\n  inferencemax serve token revoke ci')
    .action(async (name: string, options: TokenOptions) => {
      await tokensOf(options).revoke(name);
      process.stdout.write(options.json ? `${JSON.stringify({ revoked: name })}\n` : `revoked ${name}\n`);
    });
  return token.addHelpText(
    'after',
    '\nExamples:\n  inferencemax serve token create ci --days 90\n  inferencemax serve token list',
  );
}

function tokensOf({ stateDir }: { readonly stateDir: string }): TokenFile {
  return new TokenFile(new StateFolder(stateDir).tokens);
}

function tokenName(text: string): string {
  if (!/^[\w.-]{1,64}$/.test(text))
    throw new InvalidArgumentError('expected up to 64 letters, digits, dots, dashes or underscores');
  return text;
}

async function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}

function proxyCount(text: string): number {
  if (!/^\d$/.test(text)) throw new InvalidArgumentError('expected a number of proxies from 0 to 9');
  return Number(text);
}

function portOrAny(text: string): number {
  return text === '0' ? 0 : portNumber(text);
}

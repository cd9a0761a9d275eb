import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:https';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runProduct } from '../../../test/support/product.ts';
import { type SelfSigned, selfSigned, selfSignedMissing } from '../../../test/support/self-signed.ts';

const missing = await selfSignedMissing();
if (missing !== undefined) console.warn(`skipped: ${missing}`);

describe.skipIf(missing !== undefined)('bench serve with a self-signed server certificate', () => {
  let certificate: SelfSigned;
  let server: Server;
  let port: number;
  const asked: string[] = [];

  beforeAll(async () => {
    certificate = await selfSigned();
    // Chats have no usage, so /tokenize counts the prompts.
    server = createServer({ key: certificate.key, cert: certificate.cert }, (request, response) => {
      asked.push(request.url ?? '');
      let body = '';
      request.setEncoding('utf8').on('data', (text: string) => {
        body += text;
      });
      request.on('end', () => {
        if (request.url === '/health') response.end('ok');
        else if (request.url === '/tokenize') {
          const text: string = JSON.parse(body).messages[0].content;
          response.end(JSON.stringify({ count: text.split(' ').length - 1 }));
        } else {
          response.setHeader('content-type', 'text/event-stream');
          const chunk = JSON.stringify({ choices: [{ delta: { content: 'a' } }] });
          response.end(`${`data: ${chunk}\n\n`.repeat(4)}data: [DONE]\n\n`);
        }
      });
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    port = address.port;
  });
  afterAll(async () => {
    server.closeAllConnections();
    server.close();
    await rm(certificate.folder, { recursive: true, force: true });
  });

  const serve = (args: readonly string[], env: Record<string, string> = {}) =>
    runProduct(
      [
        'bench',
        'serve',
        '--base-url',
        `https://localhost:${port}`,
        '--model',
        'm',
        '--backend',
        'openai-chat',
        '--random-input-len',
        '20',
        '--random-output-len',
        '4',
        '--num-prompts',
        '8',
        '--max-concurrency',
        '4',
        ...args,
      ],
      { cwd: certificate.folder, env },
    );

  it.each([
    ['at the first connection', []],
    ['while waiting for the server', ['--ready-check-timeout-sec', '600']],
    ['in load threads', ['--threads', '2', '--prompt-format', 'text']],
  ])('explains the error and the fix %s', async (_, args) => {
    const { code, stdout, stderr } = await serve(args);
    expect(stderr.trim().split('\n')).toEqual([
      expect.stringMatching(/^note: seed \d+, drawn for this run/),
      `error: the certificate of https://localhost:${port} is not trusted: self-signed certificate`,
      expect.stringMatching(/NODE_EXTRA_CA_CERTS.*--insecure/),
    ]);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  });

  it('accepts it with --insecure for all requests and threads, and records that in the result', async () => {
    asked.length = 0;
    const { stdout } = await serve([
      '--insecure',
      '--threads',
      '2',
      '--ready-check-timeout-sec',
      '600',
      '--save-result',
      '--result-filename',
      'unchecked.json',
      '--shard',
      '1/2',
    ]);
    expect(stdout).toMatch(/Successful requests: +4\n/);
    expect(stdout).toMatch(/Server's certificate: +not checked \(--insecure\)/);
    expect(new Set(asked)).toEqual(
      new Set(['/health', '/tokenize', '/v1/chat/completions', '/prometheus/metrics', '/metrics']),
    );
    const checked = await serve(['--save-result', '--result-filename', 'checked.json', '--shard', '2/2'], {
      NODE_EXTRA_CA_CERTS: certificate.certFile,
    });
    expect(checked.stdout).toMatch(/Successful requests: +4\n/);
    expect(checked.stdout).not.toMatch(/certificate/);
    const files = ['checked.json', 'unchecked.json'].map((name) => join(certificate.folder, name));
    const merged = await runProduct(['bench', 'merge', '--json', ...files], { cwd: certificate.folder });
    expect(JSON.parse(merged.stdout)).toMatchObject({ completed: 8, insecure: true });
  });
});

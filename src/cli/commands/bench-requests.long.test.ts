import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { runProduct } from '../../../test/support/product.ts';
import { goodReply, type RawRequest, rawEngine, response } from '../../../test/support/raw-engine.ts';
import { said } from '../../../test/support/said.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bench-requests-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

/** Runs the command without any API key of the test machine. */
const serve = (args: readonly string[], env: Record<string, string> = {}) =>
  runProduct(
    ['bench', 'serve', '--num-prompts', '2', '--random-input-len', '10', '--random-output-len', '4', ...args],
    {
      cwd: folder,
      env: { OPENAI_API_KEY: '', ...env },
    },
  );
/** Runs the command in this process, if it sends nothing. */
const refused = async (args: readonly string[], env: Record<string, string> = {}) => {
  for (const [name, value] of Object.entries({ OPENAI_API_KEY: '', ...env })) vi.stubEnv(name, value);
  return await said('bench', 'serve', '--num-prompts', '2', ...args);
};
afterEach(() => {
  vi.unstubAllEnvs();
});
const at = (port: number, rest = ''): string[] => [
  '--base-url',
  `http://127.0.0.1:${port}${rest}`,
  '--model',
  'm',
];

const json = (value: unknown): Buffer =>
  response('200 OK', ['Content-Type: application/json'], JSON.stringify(value));
const authorizations = (requests: readonly RawRequest[]) =>
  requests.map(({ headers }) => headers.get('authorization') ?? []);

describe('the API key in a request', () => {
  it.each<[string, string, string[], string, string[]]>([
    ['from the environment', 'k1', [], '', ['Bearer k1']],
    ['absent if empty', '', [], '', []],
    ['absent if blank', ' \n', [], '', []],
    ['from a header in another case', 'k1', ['--header', 'authorization=Token k2'], '', ['Token k2']],
    ['from the URL', 'k1', [], 'user:pass@', [`Basic ${btoa('user:pass')}`]],
    ['from a header rather than from the URL', '', ['--header', 'Authorization=k2'], 'user:pass@', ['k2']],
  ])('is %s', async (_, key, args, credentials, expected) => {
    await using engine = await rawEngine();
    const baseUrl = `http://${credentials}127.0.0.1:${engine.port}`;
    const { code } = await serve(['--base-url', baseUrl, '--model', 'm', ...args], { OPENAI_API_KEY: key });
    expect(code).not.toBe(2);
    expect(authorizations(engine.requests)).toEqual([expected, expected]);
    // Metrics are requested with the same credentials as completions.
    expect(authorizations(engine.askedForMetrics)).toEqual([expected, expected]);
  });

  it.each(['s3cret\n', 's3\ncret', 's3cret\r\nX-A: b', 's3\u001b[31mcret'])(
    'is rejected without being printed: %j',
    async (key) => {
      const { code, stderr, stdout } = await refused(at(1), { OPENAI_API_KEY: key });
      expect(code).toBe(2);
      expect(stderr).toMatch(/^error: OPENAI_API_KEY contains a line break/);
      expect(stdout + stderr).not.toMatch(/s3|cret/);
    },
  );
});

describe('addresses', () => {
  it.each(['::1', '[::1]'])('--host %s is IPv6', async (host) => {
    const { stderr } = await refused(['--host', host, '--port', '1', '--model', 'm']);
    expect(stderr).toMatch(/cannot connect to http:\/\/\[::1\]:1: ::1 port 1: /);
  });

  it.each(['http://h', 'h:8000', 'h/p', 'a b', 'u@h', '', '::1::', '[h]', 'h?x', 'fe80::1%eth0'])(
    '--host %j is rejected',
    async (host) => {
      const { code, stderr } = await refused(['--host', host, '--model', 'm']);
      expect(code).toBe(2);
      expect(stderr).toMatch(/--host .* expected only a host name or address/);
    },
  );

  it.each<[string, string, string[]]>([
    ['where nothing listens', 'http://user:s3cret@127.0.0.1:1/p?key=s3cret', []],
    [
      'that is not ready',
      'http://user:s3cret@127.0.0.1:1/p?key=s3cret',
      ['--ready-check-timeout-sec', '0.2'],
    ],
    ['with another protocol', 'ftp://user:s3cret@127.0.0.1:1/?key=s3cret', []],
    ['with a fragment', 'http://user:s3cret@127.0.0.1:1/#s3cret', []],
    ['with an unknown host name', 'http://user:s3cret@no-such-host.invalid?key=s3cret', []],
    ['of a socket', 'unix:///no/such.sock?key=s3cret', []],
  ])('of a server %s do not show their secrets', async (_, baseUrl, args) => {
    const { code, stderr, stdout } = await refused(['--base-url', baseUrl, '--model', 'm', ...args]);
    expect(code).toBeGreaterThan(0);
    expect(stderr).toMatch(/^error: /m);
    expect(stdout + stderr).not.toContain('s3cret');
  });

  it('appear neither in the result nor in the output', async () => {
    await using engine = await rawEngine(({ socket, target }, index) =>
      socket.write(index === 0 ? goodReply : response('400 Bad', [], `Cannot POST ${target}`)),
    );
    const { stderr, stdout } = await serve([
      '--base-url',
      `http://user:s3cretpass@127.0.0.1:${engine.port}?key=s3cretkey`,
      '--model',
      'm',
      '--json',
      '--max-concurrency',
      '1',
      '--save-detailed',
      '--result-filename',
      'secret.json',
    ]);
    expect(stdout).toContain('"event":"result"');
    const saved = await readFile(join(folder, 'secret.json'), 'utf8');
    expect(saved).toContain('key=***');
    expect(saved + stdout + stderr).not.toMatch(/s3cret/);
  });
});

describe('the model', () => {
  it.each([
    [['only'], /^note: model: only, the only one that the server lists$/m],
    [['first', 'second'], /^note: model: first, the first of 2 that the server lists/m],
  ])('is read from the server: %j', async (names, note) => {
    await using engine = await rawEngine(({ socket, method }) =>
      socket.write(
        method === 'GET' ? json({ object: 'list', data: names.map((id) => ({ id })) }) : goodReply,
      ),
    );
    const { stderr, stdout } = await serve(
      ['--base-url', `http://127.0.0.1:${engine.port}/p?key=abc`, '--json'],
      {
        OPENAI_API_KEY: 'k1',
      },
    );
    expect(stderr).toMatch(note);
    const [asked, ...sent] = engine.requests;
    expect(asked?.target).toBe('/p/v1/models?key=abc');
    expect(authorizations(engine.requests)).toEqual([['Bearer k1'], ['Bearer k1'], ['Bearer k1']]);
    for (const { body } of sent) expect(JSON.parse(body).model).toBe(names[0]);
    expect(JSON.parse(stdout.trim().split('\n').at(-1) ?? '')).toMatchObject({ model_id: names[0] });
  });

  it.each<[string, Buffer, RegExp]>([
    ['is missing', response('404 No', []), /status 404/],
    ['is not JSON', response('200 OK', [], 'hi'), /not a list of models/],
    ['is empty', json({ data: [] }), /not a list of models/],
    ['has no names', json({ data: [{ id: 5 }, null] }), /not a list of models/],
    ['is something else', json([]), /not a list of models/],
  ])('must be given if the model list %s', async (_, answer, why) => {
    await using engine = await rawEngine(({ socket }) => socket.write(answer));
    const { code, stderr } = await serve(['--base-url', `http://u:s3cret@127.0.0.1:${engine.port}?k=s3cret`]);
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /^note: seed \d+, .*\nerror: --model is not given, and http:\/\/127\.0\.0\.1:\d+\/v1\/models lists no models: /,
    );
    expect(stderr).toMatch(why);
    expect(stderr).toMatch(/--model/);
    expect(stderr).not.toContain('s3cret');
    expect(engine.requests).toHaveLength(1);
  });
});

describe('options', () => {
  it('determine what is sent', async () => {
    await using engine = await rawEngine();
    await serve([
      ...at(engine.port),
      '--endpoint-type',
      'openai-chat',
      '--endpoint',
      '/v1/chat/completions?api-version=1',
      '--logprobs',
      '2',
      '--omit-field',
      'stream_options',
      '--omit-field',
      'temperature',
      '--n',
      '2',
      '--extra-body',
      '{"user":null}',
      '--max-tokens-field',
      'max_completion_tokens',
      '--request-id-prefix',
      'r-',
      '--lora-modules',
      'x',
      'y',
      '--lora-assignment',
      'round-robin',
      '--skip-tokenizer-init',
      '--skip-chat-template',
    ]);
    const measured = engine.requests.filter(({ headers }) => headers.has('x-request-id'));
    expect(measured.map(({ headers }) => headers.get('x-request-id')?.[0]).toSorted()).toEqual([
      'r-0',
      'r-1',
    ]);
    for (const { body, target, headers } of measured) {
      expect(target).toBe('/v1/chat/completions?api-version=1');
      const model = headers.get('x-request-id')?.[0] === 'r-0' ? 'x' : 'y';
      expect(JSON.parse(body)).toEqual({
        messages: [expect.anything()],
        model,
        max_completion_tokens: 4,
        stream: true,
        n: 2,
        user: null,
        logprobs: true,
        top_logprobs: 2,
      });
    }
  });

  it('append results as lines', async () => {
    await using engine = await rawEngine();
    const append = ['--append-result', '--result-filename', 'lines.jsonl'];
    await writeFile(join(folder, 'lines.jsonl'), '{"from":"another client"}');
    await serve([...at(engine.port), ...append, '--label', 'a']);
    await serve([...at(engine.port), ...append, '--label', 'b']);
    const lines = (await readFile(join(folder, 'lines.jsonl'), 'utf8')).trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([
      { from: 'another client' },
      { label: 'a', completed: 2 },
      { label: 'b', completed: 2 },
    ]);
    await writeFile(join(folder, 'lines.jsonl'), '{\n  "completed": 2\n}\n');
    engine.requests.length = 0;
    const refused = await serve([...at(engine.port), ...append]);
    expect(refused).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/lines\.jsonl:1: .*--result-filename/),
    });
    expect(engine.requests).toEqual([]);
  });

  it.each<[string[], RegExp]>([
    [['--plot-timeline'], /--plot-timeline is an option of another client; here: .*timeline/],
    [['--timeline-itl-thresholds', '10', '20'], /--timeline-itl-thresholds .*timeline/],
    [['--hf-subset', 'x'], /--hf-subset .*--dataset-path/],
    [['--apply-chat-template'], /--use-chat-template/],
    [['--no-reranker'], /--no-reranker .*ranking/],
    [['--output-file', 'x'], /--result-filename/],
    [['--header', 'X-A=1', '--header', 'x-a=2'], /--header x-a is given twice/],
    [['--header', 'Content-Length=5'], /"Content-Length" cannot be set: it is computed from each body/],
    [['--header', 'Transfer-Encoding=chunked'], /cannot be set/],
    [['--header', 'X-Key: s3cret'], /expected name=value: X-Key=…/],
    [['--header', 'X-Key=s3\u0001cret'], /"X-Key" has characters/],
    [['--omit-field', 'nonsense'], /no field "nonsense"; a request has/],
    [['--omit-field', 'stream'], /stream is required/],
    [['--extra-body', '{"prompt":"x"}'], /extraBody sets prompt/],
    [['--extra-body', '{"x":1e400}'], /too large/],
    [['--endpoint', '/v1#x'], /fragment/],
    [['--endpoint-type', 'openai', '--backend', 'vllm'], /cannot be used with/],
    [['--use-chat-template', '--skip-chat-template'], /cannot be used with/],
    [['--goodput', 'ttft:1', 'ttft:2'], /two SLOs/],
    [['--goodput', 'ttft:1.2.3'], /milliseconds, a number above 0/],
  ])('%j are rejected with exit code 2', async (args, message) => {
    const { code, stderr, stdout } = await refused([...at(1), ...args]);
    expect(stderr).toMatch(message);
    expect(code).toBe(2);
    expect(stdout + stderr).not.toMatch(/s3|cret| {4}at /);
  });
});

describe('rejections by a server', () => {
  it.each<[string, string, string]>([
    [
      '422 No',
      '{"detail":[{"loc":["body","prompt"],"msg":"Input should be a valid string"}]}',
      '--prompt-format text',
    ],
    ['400 No', '{"error":{"message":"Token id 28999 is out of vocabulary"}}', '--token-ids 0-999'],
    [
      '400 No',
      "Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead.",
      '--max-tokens-field max_completion_tokens',
    ],
    [
      '422 No',
      '{"detail":[{"loc":["body","stream_options"],"msg":"Extra inputs are not permitted"}]}',
      '--omit-field stream_options',
    ],
  ])('%s %s', async (status, body, hint) => {
    await using engine = await rawEngine(({ socket }) => socket.write(response(status, [], body)));
    const { code, stderr } = await serve(at(engine.port));
    expect(code).toBe(1);
    expect(stderr.trim().split('\n').at(-1)).toContain(hint);
  });
});

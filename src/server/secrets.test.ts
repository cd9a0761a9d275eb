import { expect, test } from 'vitest';
import { cpuGrowth } from '../../test/support/cpu-proportion.ts';
import { publicReference, publicText } from './privacy.ts';
import { publicRecord, rawFields } from './public-fields.ts';
import { hidden, isSecret } from './secrets.ts';

/** Secrets as programs, launchers and users write them in logs, command lines, addresses and files. */
const writings = (secret: string): readonly string[] => [
  `args: ['serve', '--api-key', '${secret}', '--port', '1']`,
  `["--hf-token", "${secret}"]`,
  `api_key=['None1', '${secret}']`,
  `Namespace(api_key=['a', '${secret}'], x=1)`,
  `("--password", "${secret}")`,
  `--api-key=${secret}`,
  `--api-key '${secret}'`,
  `DB_PWD=${secret}`,
  `PGPASSWORD=${secret}`,
  `DB_PASS=${secret}`,
  `GITHUB_PAT=${secret}`,
  `SMTP_PASS: ${secret}`,
  `https://b.s3.amazonaws.com/w.gguf?X-Amz-Credential=${secret}&X-Amz-Signature=${secret}`,
  `https://a.blob.core.windows.net/w?sv=2020&sig=${secret}`,
  `https://storage.googleapis.com/x?X-Goog-Signature=${secret}`,
  `{"auths": {"reg.io": {"auth": "${secret}"}}}`,
  `sshpass -p ${secret} ssh x`,
  `sshpass -p${secret} ssh x`,
  `curl -u user:${secret} https://x.org`,
  `curl --user user:${secret} x`,
  `docker login -u me -p ${secret} reg.io`,
  `-----BEGIN PRIVATE KEY-----\n${secret}\n-----END PRIVATE KEY-----`,
  `-----BEGIN RSA PRIVATE KEY-----\\n${secret}\\n`,
  `eyJhbGciOiJIUzI1NiJ9.${secret}payload.${secret}sig`,
  `\x1b[31mHF_TOKEN\x1b[0m=${secret}`,
  `HF_TO\x1b[0mKEN=${secret}`,
  `token = "${secret}"`,
  `token -> ${secret}`,
  `token is ${secret}`,
  `password "${secret}"`,
  `the password is ${secret}`,
  `X-Api-Key: ${secret}`,
  `x-auth-token: ${secret}`,
  `Set-Cookie: ${secret}`,
  `export AWS_SECRET_ACCESS_KEY=${secret}`,
  `aws_session_token=${secret}`,
  `AZURE_CLIENT_SECRET=${secret}`,
  `GOOGLE_APPLICATION_CREDENTIALS=${secret}`,
  `postgres://u:${secret}@h/db`,
  `redis://:${secret}@h`,
  `DATABASE_URL=postgres://u:${secret}@h/db`,
  `<password>${secret}</password>`,
  `api_key: !str ${secret}`,
  `hf_token:\n  ${secret}`,
  `'hf_token': '${secret}'`,
  `"apiKey" : "${secret}"`,
  `\\"apiKey\\": \\"${secret}\\"`,
  `Authorization: Basic ${secret}`,
  `authorization=Bearer ${secret}`,
  `proxy http://u:${secret}@p:1`,
  `SLACK_WEBHOOK=https://hooks.slack.com/services/${secret}`,
  `WANDB_API_KEY ${secret}`,
  `OPENAI_API_KEY => ${secret}`,
  `netrc machine h login u password ${secret}`,
  `mysql -p${secret}`,
  `ENCRYPTION_KEY=${secret}`,
  `SIGNING_KEY=${secret}`,
  `SSH_PRIVATE_KEY=${secret}`,
  `private_key="${secret}"`,
  `client_secret=${secret}`,
  `passcode: ${secret}`,
  `--header 'Authorization: Bearer ${secret}'`,
  `-H "X-API-Key: ${secret}"`,
  `?access_token=${secret}&x=1`,
  `?token=${secret}`,
  `?key=${secret}`,
  `#access_token=${secret}`,
];

// An ordinary word: only its context shows that it is a secret.
test.each(writings('Sesame'))('hides the secret: %s', (text) => {
  expect(publicText(text)).not.toContain('Sesame');
  expect(publicText(publicText(text))).toBe(publicText(text));
});

test('keeps sentences about tokens, and figures with such names', () => {
  for (const text of [
    'the token is missing',
    'HF_TOKEN is not set',
    'HF_TOKEN must be set to read a gated model',
    'password authentication failed for user',
    'forward pass: 3 ms',
    'token: 17',
    'docker run -p 8000:8000 image',
    'cannot compare a key with a value',
  ])
    expect(publicText(text)).toBe(text);
  for (const name of ['forward_pass', 'sort_key', 'total_output_tokens', 'key', 'authors', 'tokenizer'])
    expect(isSecret(name), name).toBe(false);
});

test.each([
  ['\x1b[31m/home/ann/x/model.gguf', '…/model.gguf'],
  ['-/home/ann/x', '-…/x'],
  ['-I/home/ann/inc', '-I…/inc'],
  ['(x)/home/ann/y', '(x)…/y'],
  ['C:\\Users\\ann\\x', '…/x'],
  ['in ~ann/x', 'in …'],
  ['a=/home/ann', 'a=…'],
])('hides the host path: %s', (text, shown) => {
  expect(publicText(text)).toBe(shown);
});

// A few of those in secrets.slow.test.ts, which once took hours for a few megabytes.
test.each([')', ' ', '/', ':'])('time is proportional to the length of a text of %j', (piece) => {
  const growth = cpuGrowth(2_000, (size) => {
    const text = piece.repeat(size);
    return () => {
      publicText(text);
      publicReference(text);
    };
  });
  expect(growth).toBeLessThan(6);
});

test('shows an endlessly nested record down to a fixed level', () => {
  let nested: unknown = { secret_key: [1] };
  for (let level = 0; level < 20_000; level++) nested = level % 2 === 0 ? { a: nested } : [nested];
  const shown = JSON.stringify(publicRecord({ a: nested, token: nested, n: 5 }, rawFields));
  expect(shown.length).toBeLessThan(1_000);
  expect(shown).toContain(hidden);
  expect(shown).toContain('"n":5');
});

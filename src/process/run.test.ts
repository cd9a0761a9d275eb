import { expect, test } from 'vitest';
import { run, withoutCredentials } from './run.ts';

test.each([
  ["unable to access 'https://user:SECRET@host:1/x.git/'", "unable to access 'https://***@host:1/x.git/'"],
  ['https://TOKEN@host/x.git', 'https://***@host/x.git'],
  ['https://user:SEC/R@T@host/x.git', 'https://***@host/x.git'],
  ['https://host:1/x.git, mail a@b', 'https://host:1/x.git, mail a@b'],
  ['https://host/x.git@main', 'https://host/x.git@main'],
  ['docker://host:5000/x@sha256:12', 'docker://host:5000/x@sha256:12'],
])('%s is shown without credentials', (text, shown) => {
  expect(withoutCredentials(text)).toBe(shown);
});

test('a program that fails is named without the credentials that it was given or prints', async () => {
  const failing = run(['sh', '-c', 'echo "no $1"; exit 3', 'sh', 'https://user:SECRET@host/x'], {
    signal: new AbortController().signal,
  });
  await expect(failing).rejects.toThrow(/no https:\/\/\*\*\*@host\/x/);
  await expect(failing).rejects.not.toThrow(/SECRET/);
});

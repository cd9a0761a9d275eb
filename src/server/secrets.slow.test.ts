import { expect, test } from 'vitest';
import { cpuGrowth } from '../../test/support/cpu-proportion.ts';
import { publicReference, publicText } from './privacy.ts';

/** Pieces of text that are slow for expressions with backtracking. */
const pieces = [
  ')',
  ';',
  ' ',
  '\t',
  '/',
  '//',
  '://',
  'a',
  '-',
  '"',
  '\\"',
  "'",
  ':',
  '@',
  '[',
  '(',
  '.',
  '\x1b[',
  '\x1b]',
  'token',
  'token ',
  'token=',
  'token="',
  "token='\\\n",
  'token=\\"',
  'token=[',
  'token = ',
  'token: \n ',
  'a_token',
  'bearer ',
  'Basic ',
  'Basic a',
  'hf_',
  'eyJ',
  'eyJaaaaa.',
  'sk-',
  'curl ',
  'docker ',
  'machine a ',
  'sshpass ',
  '-----BEGIN ',
  '-----BEGIN PRIVATE KEY-----',
  '?key',
  '?key=',
  'hooks.',
  '/home/',
  '/a/',
  '~',
  'C:\\',
  'PASS_KEY ',
  'password',
  'HF_TOKEN is ',
  '--api-key ',
  "'--api-key', ",
  'Cookie: ',
  'a@b',
  '{"a":',
  'xX',
  '&sig=',
];

test.each(pieces)('time is proportional to the length of a text of %j', (piece) => {
  const growth = cpuGrowth(Math.ceil(4_000 / piece.length), (size) => {
    const text = piece.repeat(size);
    return () => {
      publicText(text);
      publicReference(text);
    };
  });
  expect(growth).toBeLessThan(6);
});

import { expect, test } from 'vitest';
import { z } from 'zod';
import { sharedSettings } from './settings.ts';

const settings = z.object(sharedSettings);
const accepts = (exporter: unknown) => settings.safeParse({ 'dcgm-exporter': exporter }).success;

test('results name the URL of an exporter, so it has no credentials', () => {
  expect([9400, 'http://{node}:9400', 'https://{node}/metrics?x=1'].map(accepts)).toEqual([true, true, true]);
  expect(['http://user:secret@node:9400', 'http://secret@node/metrics', 'node:9400'].map(accepts)).toEqual([
    false,
    false,
    false,
  ]);
});

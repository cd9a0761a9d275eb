import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { singleFilePolicy, sitePolicy, withPolicy } from './page-policy.ts';

test('a page starts with its content security policy', () => {
  expect(withPolicy('<html><head><script src="a.js"></script></head></html>', sitePolicy)).toBe(
    `<html><head><meta http-equiv="Content-Security-Policy" content="default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; object-src 'none'; base-uri 'none'; form-action 'none'"><script src="a.js"></script></head></html>`,
  );
});

test('a single-file page runs only its own script', () => {
  const hash = createHash('sha256').update('run()').digest('base64');
  expect(withPolicy('<head>', singleFilePolicy('run()'))).toContain(`script-src 'sha256-${hash}';`);
});

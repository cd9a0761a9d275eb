#!/usr/bin/env node
// Plain JavaScript that any Node can parse, so that one too old gets a sentence instead of a syntax error.
import { existsSync } from 'node:fs';

const wanted = { major: 22, minor: 18 };
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);

if (major < wanted.major || (major === wanted.major && minor < wanted.minor)) {
  process.stderr.write(
    `inferencemax needs Node ${wanted.major}.${wanted.minor} or later; this is Node ${process.versions.node} (${process.execPath}).\n` +
      'In a clone, `npm run inferencemax -- …` uses the Node that the project installs for itself; otherwise install a newer Node.\n',
  );
  process.exit(2);
}

const { enableCompileCache, registerHooks } = await import('node:module');
enableCompileCache?.();
// Messages of the schema library are in our own words (src/schema-words.ts), so its more than fifty languages stay unread.
registerHooks?.({
  resolve: (specifier, context, next) =>
    specifier === '../locales/index.js' && context.parentURL?.includes('/node_modules/zod/') === true
      ? { url: 'data:text/javascript,', shortCircuit: true }
      : next(specifier, context),
});

const source = new URL('../src/cli/main.ts', import.meta.url);
const compiled = new URL('../dist/src/cli/main.js', import.meta.url);
const { main } = await import((existsSync(source) ? source : compiled).href);
process.exitCode = await main(process.argv.slice(2));

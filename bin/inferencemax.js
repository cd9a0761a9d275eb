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

const { enableCompileCache } = await import('node:module');
enableCompileCache?.();
const isSource = existsSync(new URL('../src/cli/main.ts', import.meta.url));
const load = (name) =>
  import(new URL(isSource ? `../src/${name}.ts` : `../dist/src/${name}.js`, import.meta.url).href);
const { resolveModulesQuickly } = await load('module-resolution');
resolveModulesQuickly();
const { main } = await load('cli/main');
process.exitCode = await main(process.argv.slice(2));

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from './package-root.ts';

/** The version of this package. Every command reads it, so it does not use the schema library. */
export function productVersion(): string {
  const file = join(packageRoot, 'package.json');
  const about: unknown = JSON.parse(readFileSync(file, 'utf8'));
  if (typeof about === 'object' && about !== null && 'version' in about && typeof about.version === 'string')
    return about.version;
  throw new Error(`${file} names no version`);
}

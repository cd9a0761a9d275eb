/**
 * Finds the phrases that `rules.ts` lists, in docs, comments, messages and page texts:
 *
 *   node scripts/prose/check.ts
 *
 * Prints `file:line:column` with what to write instead, and exits with 1 if there is any.
 */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../src/package-root.ts';
import { checkedFiles, exemptFiles } from './files.ts';
import { stumblesIn } from './stumbles.ts';

const files = globSync(checkedFiles, { cwd: packageRoot, exclude: exemptFiles }).toSorted();
const lines = files.flatMap((file) =>
  stumblesIn(file, readFileSync(join(packageRoot, file), 'utf8')).map(
    ({ line, column, phrase, instead }) => `${file}:${line}:${column}: "${phrase}": ${instead}`,
  ),
);
if (lines.length > 0) {
  console.error(lines.join('\n'));
  console.error(`${lines.length} phrases to rewrite in ${files.length} files`);
  process.exitCode = 1;
}

import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CommanderError } from 'commander';
import { describe, expect, test } from 'vitest';
import { said } from '../../test/support/said.ts';
import { errorAreas, errorTable } from '../error-codes.ts';
import { failureClasses } from '../failures/index.ts';
import { packageRoot } from '../package-root.ts';
import { allCodes, meaningOf } from './error-catalogue.ts';
import { errorDocuments } from './error-document.ts';

test('docs/errors.md lists every code', async () => {
  await expect(markdown()).toMatchFileSnapshot('../../docs/errors.md');
});

/** The catalogue as a page. */
function markdown(): string {
  const codes = allCodes();
  const tables = [...errorAreas, 'failure class' as const].map((area) => {
    const rows = codes
      .filter((one) => one.area === area)
      .map(({ code, meaning, todo }) =>
        [`\`${code}\``, meaning, todo].map((cell) => cell.replaceAll('|', '\\|')),
      );
    const all = [['code', 'meaning', 'what to do'], ...rows];
    const widths = [0, 1, 2].map((column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
    const line = (cells: readonly string[]) =>
      `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
    const rule = `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`;
    const [header = [], ...body] = all;
    return [`## ${titles[area]}`, '', line(header), rule, ...body.map(line)].join('\n');
  });
  return `${intro}\n\n${tables.join('\n\n')}\n`;
}

const titles = {
  'command line': 'Command line',
  files: 'Files',
  sweeps: 'Sweeps',
  servers: 'Servers and hosts',
  store: 'Store',
  'HTTP API': 'HTTP API',
  general: 'General',
  'failure class': 'Failure classes of a sweep',
};

const intro = `# Error codes

Every error has a stable code. Messages may be reworded; programs should read the code. With \`--json\`, a command that fails prints one document to standard output, and the message in words to standard error:

\`\`\`json
{
  "error": {
    "code": "bad-config",
    "message": "tp: expected a number, found \\"many\\"",
    "where": { "file": "mine-master.yaml", "line": 10, "column": 48 },
    "expected": "a number",
    "hint": null
  }
}
\`\`\`

\`where\`, \`expected\` and \`hint\` are null if unknown; \`where\` names a file or an option. If there are several errors, \`errors\` lists all of them. An error of the HTTP API has its code in the field \`code\` of the problem document; a failed point has its failure class in the journal. \`inferencemax explain CODE\` prints the row of a code, and \`inferencemax explain --list\` all of them. This page is generated from the same tables.`;

test('codes are in kebab case, and each is explained', async () => {
  for (const { code, meaning, todo } of allCodes()) {
    expect(code).toMatch(/^[a-z]+(?:-[a-z]+)*$/);
    expect(meaningOf(code)).toMatchObject({ meaning, todo });
    const { code: exit, stdout } = await said('explain', code);
    expect([exit, stdout]).toEqual([0, expect.stringContaining(meaning)]);
  }
  for (const failureClass of failureClasses) expect(meaningOf(failureClass)).toBeDefined();
});

test('every code of the table is used', () => {
  const files = globSync('src/**/*.ts', { cwd: packageRoot }).filter(
    (file) => !file.endsWith('.test.ts') && !file.endsWith('error-codes.ts'),
  );
  const used = files.map((file) => readFileSync(join(packageRoot, file), 'utf8')).join('\n');
  for (const code of Object.keys(errorTable)) expect(used, code).toContain(`'${code}'`);
});

describe('with --json, an error is a document on standard output', () => {
  const documentOf = async (...words: string[]) => {
    const { code, stdout, stderr } = await said(...words, '--json');
    expect(stderr).toContain('error: ');
    return { exit: code, ...JSON.parse(stdout) };
  };

  test('of a command line that is wrong, with the option and what was expected', async () => {
    expect(await documentOf('bench', 'serve', '--max-concurrency', 'x')).toEqual({
      exit: 2,
      error: {
        code: 'bad-option',
        message: expect.stringContaining("argument 'x' is invalid"),
        where: { option: '--max-concurrency' },
        expected: 'a whole number above 0',
        hint: null,
      },
    });
    expect(await documentOf('run', '--launcher', 'x')).toMatchObject({
      error: { code: 'bad-option', expected: expect.stringMatching(/^one of .*local/) },
    });
    expect(await documentOf('run', '--nope')).toMatchObject({ error: { code: 'unknown-option' } });
    expect(await documentOf('run')).toMatchObject({ exit: 2, error: { code: 'nothing-selected' } });
  });

  test('of a file that cannot be read, with its name', async () => {
    expect(await documentOf('run', '--entries', '/nonexistent/entries.json')).toMatchObject({
      error: { code: 'file-unreadable', where: { file: '/nonexistent/entries.json' } },
    });
  });

  test('of a bug', () => {
    expect(errorDocuments(new TypeError('x is undefined'))).toMatchObject([{ code: 'internal' }]);
    expect(errorDocuments(new CommanderError(0, 'commander.helpDisplayed', '(outputHelp)'))).toEqual([]);
  });
});

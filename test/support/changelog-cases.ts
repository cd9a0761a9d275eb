import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { expect } from 'vitest';
import { z } from 'zod';
import { inOrderOfNames } from '../../src/in-order-of-names.ts';
import { said } from './said.ts';

const content = z.union([
  z.object({ shared: z.string(), lines: z.int().optional() }),
  z.object({ made: z.string() }),
  z.object({ file: z.string() }),
  z.object({ text: z.string() }),
  z.object({ append: z.string() }),
]);
const files = z.record(z.string(), content.nullable());

const common = {
  name: z.string(),
  args: z.array(z.string()),
  exit: z.int(),
  optional: z.boolean().optional(),
};
const caseSchema = z.union([
  z.object({
    ...common,
    tool: z.enum(['process', 'gate']),
    base: files,
    head: files,
    output: z.string().optional(),
  }),
  z.object({ ...common, tool: z.literal('prepare'), base: files, head: files, result: content.optional() }),
  z.object({
    ...common,
    tool: z.literal('prepare'),
    stages: z.object({ base: content, pr: content, main: content }),
    result: content.optional(),
  }),
]);
export type ChangelogCase = z.output<typeof caseSchema>;

/** The cases of a folder; none if it has no cases.json. */
export function changelogCases(folder: string): ChangelogCase[] {
  const file = join(folder, 'cases.json');
  return existsSync(file) ? z.array(caseSchema).parse(JSON.parse(readFileSync(file, 'utf8'))) : [];
}

/** What a file of the folder holds, unpacked. */
export function fileOf(folder: string, path: string): Buffer {
  const bytes = readFileSync(join(folder, path));
  return path.endsWith('.gz') ? gunzipSync(bytes) : bytes;
}

/** What a case says that a file holds; `before` is the file that it appends to. */
export function contentOf(folder: string, said: z.output<typeof content>, before = ''): string {
  if ('text' in said) return said.text;
  if ('append' in said) return before + said.append;
  if ('made' in said) return String(fileOf(folder, join('made', said.made)));
  if ('file' in said) return String(fileOf(folder, said.file));
  const text = String(fileOf(join(folder, '..'), said.shared));
  return said.lines === undefined
    ? text
    : text
        .split(/(?<=\n)/)
        .slice(0, said.lines)
        .join('');
}

/** A repository in which git is run as the tests want it. */
export class CaseRepository {
  readonly path: string;

  constructor(path: string) {
    this.path = path;
    this.git('init', '--quiet', '--initial-branch=main');
  }

  git(...args: string[]): string {
    return this.gitWith('', ...args);
  }

  /** The same with something to read. */
  gitWith(input: string, ...args: string[]): string {
    const identity = ['user.name=Tester', 'user.email=tester@example.org', 'commit.gpgsign=false'];
    return execFileSync(
      'git',
      ['-C', this.path, ...identity.flatMap((setting) => ['-c', setting]), ...args],
      { encoding: 'utf8', input, stdio: ['pipe', 'pipe', 'pipe'] },
    );
  }

  write(path: string, text: string | undefined): void {
    const own = join(this.path, path);
    if (text === undefined) {
      rmSync(own, { force: true });
      return;
    }
    mkdirSync(dirname(own), { recursive: true });
    writeFileSync(own, text);
  }

  read(path: string): string {
    return readFileSync(join(this.path, path), 'utf8');
  }

  commit(message = 'change'): void {
    this.git('add', '--all');
    this.git('commit', '--quiet', '--allow-empty', '--message', message);
  }
}

export const changelogName = 'perf-changelog.yaml';

/** Makes the change of a case: two commits, or a conflict of three sides. */
export function prepareCase(repository: CaseRepository, one: ChangelogCase, folder: string): void {
  if ('stages' in one) {
    const base = contentOf(folder, one.stages.base);
    const sides = [base, ...[one.stages.pr, one.stages.main].map((side) => contentOf(folder, side, base))];
    repository.write(changelogName, base);
    repository.commit();
    const objects = sides.map((text) => repository.gitWith(text, 'hash-object', '-w', '--stdin').trim());
    const index = objects.map((object, side) => `100644 ${object} ${side + 1}\t${changelogName}\n`);
    repository.git('rm', '--quiet', '--cached', changelogName);
    repository.gitWith(index.join(''), 'update-index', '--index-info');
    return;
  }
  const { before, after } = textsOf(one, folder);
  for (const texts of [before, after]) {
    for (const path of new Set([...before.keys(), ...after.keys()])) repository.write(path, texts.get(path));
    repository.commit();
  }
}

/** The files of both sides of a change; a config that the base does not name is the head's. */
export function textsOf(
  one: Exclude<ChangelogCase, { readonly stages: unknown }>,
  folder: string,
): Readonly<Record<'before' | 'after', ReadonlyMap<string, string>>> {
  const configs = Object.entries(one.head).filter(([path]) => path !== changelogName && !(path in one.base));
  const before = withFiles(new Map(), { ...Object.fromEntries(configs), ...one.base }, folder);
  return { before, after: withFiles(before, one.head, folder) };
}

function withFiles(
  known: ReadonlyMap<string, string>,
  side: z.output<typeof files>,
  folder: string,
): Map<string, string> {
  const texts = new Map(known);
  for (const [path, said] of Object.entries(side)) {
    if (said === null) texts.delete(path);
    else texts.set(path, contentOf(folder, said, known.get(path)));
  }
  return texts;
}

const configs = ['--config-files', 'configs/nvidia-master.yaml', 'configs/amd-master.yaml'];

// Each command line that is run here listens to them once more.
for (const output of [process.stdout, process.stderr]) output.setMaxListeners(0);

/** The command line of a case. */
function wordsOf({ tool, args }: ChangelogCase): string[] {
  if (tool === 'prepare') return ['changelog', ...args];
  return ['changelog', ...(tool === 'gate' ? ['check'] : []), ...args, ...configs];
}

/** Makes the change of a case in its own folder, runs its command line there, and compares. */
export async function expectAsGolden(one: ChangelogCase, folder: string): Promise<void> {
  const home = process.cwd();
  const path = mkdtempSync(join(tmpdir(), 'changelog-case-'));
  try {
    const repository = new CaseRepository(path);
    prepareCase(repository, one, folder);
    process.chdir(path);
    const { code, stdout, stderr } = await said(...wordsOf(one));
    if (one.optional === true && code === 1) return;
    expect(code, stderr).toBe(one.exit);
    if (one.exit !== 0) {
      expect(stderr).toMatch(/^error: /);
      expect(stdout).toBe('');
    } else if ('output' in one && one.output !== undefined) {
      const golden: unknown = JSON.parse(String(fileOf(folder, one.output)));
      expect(unordered(JSON.parse(stdout))).toEqual(unordered(golden));
    }
    if ('result' in one && one.result !== undefined)
      expect(repository.read(changelogName)).toBe(resultOf(one, folder));
  } finally {
    process.chdir(home);
    rmSync(path, { recursive: true });
  }
}

/** The changelog afterwards; what is appended is appended to the base. */
export function resultOf(one: ChangelogCase, folder: string): string | undefined {
  if (!('result' in one) || one.result === undefined) return undefined;
  const base = 'stages' in one ? one.stages.base : one.base[changelogName];
  return contentOf(folder, one.result, base == null ? '' : contentOf(folder, base));
}

/** A matrix with its lists of entries as sets: the contract does not fix their order. */
export function unordered(matrix: unknown): unknown {
  if (Array.isArray(matrix)) return matrix.map((entry) => JSON.stringify(inOrderOfNames(entry))).toSorted();
  if (typeof matrix !== 'object' || matrix === null) return matrix;
  return Object.fromEntries(
    Object.entries(matrix).map(([name, inner]) => [
      name,
      name === 'changelog_metadata' ? inner : unordered(inner),
    ]),
  );
}

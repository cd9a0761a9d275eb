import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { expect, test } from 'vitest';
import { vendors } from './accelerators/list.ts';
import { engines } from './engines/list.ts';
import { remoteHosts } from './hosts/list.ts';
import { launchers } from './launchers/list.ts';
import { packageRoot } from './package-root.ts';
import { telemetrySources } from './telemetry/sources/list.ts';

/** A kind, the words that only its files may contain, and prefixes of the paths of its files. */
interface Kind {
  readonly of: string;
  readonly words: readonly string[];
  readonly own: readonly string[];
}

const quoted = (name: string) => [`'${name}'`, `"${name}"`, `\`${name}\``];

/** Names of engines that are also tools, backends or packages with the same name. */
const engineNamesOfOthers = ['llama.cpp', 'sglang', 'vllm'];

const kinds: readonly Kind[] = [
  ...engines
    .filter(({ framework }) => !engineNamesOfOthers.includes(framework))
    .map(({ framework }) => ({
      of: `engine ${framework}`,
      words: quoted(framework),
      own: [`src/engines/${framework}.ts`, `src/results/agentic/server/${framework}.ts`],
    })),
  ...launchers.map(({ kind }) => ({
    of: `launcher ${kind}`,
    words: quoted(kind),
    own: [
      `src/launchers/${kind}/`,
      // The public tool's default for --queue-namespace, and the scope of hash ids in traces.
      ...(kind === 'local' ? ['src/cli/commands/ci/priority.ts', 'src/load/agentic/'] : []),
    ],
  })),
  ...remoteHosts.map(({ kind }) => ({
    of: `host ${kind}`,
    words: quoted(kind),
    own: [`src/hosts/${kind}/`],
  })),
  ...vendors.map(({ name, tools, visibleDevices }) => ({
    of: `vendor ${name}`,
    // `none` is a value of many settings; the vendor's name is only in its file.
    words: [
      ...(name === 'none' ? [] : quoted(name)),
      ...tools.map(({ program }) => program),
      ...visibleDevices,
    ],
    // Logs of engines and advice about them mention the tools.
    own: [
      `src/accelerators/${name}.ts`,
      `src/accelerators/${name}/`,
      'src/failures/known/',
      // It runs on NVIDIA's GPUs only.
      'src/srt-slurm/',
    ],
  })),
  ...telemetrySources
    // Vendors' sources are covered above, and `engine` is also a subject and a step.
    .filter(({ subject }) => subject === 'cpu' || subject === 'host')
    .map(({ name }) => ({
      of: `source ${name}`,
      words: quoted(name),
      own: [
        `src/telemetry/sources/${name}.ts`,
        // A Linux folder with the same name.
        ...(name === 'proc' ? ['src/server/privacy.ts'] : []),
      ],
    })),
];

/** The product's source without comments, by path; tests, docs and recipes may name kinds. */
const sources = new Map(
  ['src', join('web', 'src')]
    .flatMap((folder) => readdirSync(join(packageRoot, folder), { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name) && !/\.test\.tsx?$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .map((path) => [relative(packageRoot, path), withoutComments(readFileSync(path, 'utf8'))]),
);

function withoutComments(source: string): string {
  return source.replaceAll(/\/\*[\s\S]*?\*\//g, '').replaceAll(/^\s*\/\/.*$/gm, '');
}

test.each(kinds)('$of is spelled only in its own files', ({ words, own }) => {
  const spelling = [...sources].flatMap(([path, source]) =>
    withoutImports(source, words).some(Boolean) ? [path] : [],
  );
  const isOwn = (path: string) => own.some((beginning) => path.startsWith(beginning));
  expect(spelling.filter((path) => !isOwn(path))).toEqual([]);
  // Make sure that the search finds anything at all.
  if (words.length > 0) expect(spelling.some(isOwn)).toBe(true);
});

/** Whether the source contains each word, ignoring import lines: a list imports kinds from files with their names. */
function withoutImports(source: string, words: readonly string[]): boolean[] {
  const lines = source.split('\n').filter((line) => !/^\s*(import|export) .* from '/.test(line));
  return words.map((word) => lines.some((line) => line.includes(word)));
}

import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import { DockerStandIn } from './support/docker-stand-in.ts';
import { freePort } from './support/free-port.ts';
import { januaryMasters } from './support/january.ts';
import { runProduct, TestProduct, tinyConfig } from './support/product.ts';
import { copyOfTheProject } from './support/project-copy.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'yes-means-yes-'));
});
afterEach(async () => await rm(folder, { recursive: true, force: true }));

const head = "import type { Recipe } from '../src/plan/index.ts';\n\n";
const server = (body: string) => `${head}export const recipe: Recipe = {\n  server: ${body},\n};\n`;

/** Mistakes in users' recipes, each with its message. */
const broken = {
  syntax: [
    server("() => ({ args: ['--parallel' '8'] })"),
    "4:40: the recipe's code failed: SyntaxError: Expected ',', got 'string literal'",
  ],
  throws: [
    server('({ entry }) => ({ args: [String(entry.nothing.more)] })'),
    "4:57: the recipe's code failed: TypeError: Cannot read properties of undefined (reading 'more')",
  ],
  imports: [
    "import { nothing } from './builders/nothing.ts';\n\nexport const recipe = nothing;\n",
    "1: the recipe's code failed: Cannot find module 'benchmarks/builders/nothing.ts' imported from benchmarks/imports_q4_cpu_llama.cpp.ts",
  ],
  misses: [
    'export const recipes = 1;\n',
    ' it exports no `recipe` with a function `server` (write `export const recipe: Recipe = { server: … }`)',
  ],
  returns: [
    server('() => ({ args: [1], env: {}, files: [], acceleratorCount: 1 })'),
    ' server() returns a server that cannot be used: args: expected a text, found 1',
  ],
} as const;

test('errors in the code of a recipe are reported with their line by every command', async () => {
  const project = await copyOfTheProject(join(folder, 'project'));
  const config: unknown = JSON.parse(tinyConfig())['smollm2-q4-cpu-llamacpp'];
  const configs = Object.keys(broken).map((name) => [name, { ...Object(config), 'model-prefix': name }]);
  await writeFile(join(project, 'broken.yaml'), JSON.stringify(Object.fromEntries(configs)));
  for (const [name, [text]] of Object.entries(broken))
    await writeFile(join(project, 'benchmarks', `${name}_q4_cpu_llama.cpp.ts`), text);
  const product = { cwd: project, bin: join(project, 'bin', 'inferencemax.js') };
  const files = ['--config-files', 'broken.yaml'];
  const lines = Object.entries(broken).map(
    ([name, [, message]]) => `error: benchmarks/${name}_q4_cpu_llama.cpp.ts:${message}\n`,
  );

  const validated = await runProduct(['validate', ...files], product);
  expect([validated.code, validated.stderr]).toEqual([2, lines.join('')]);
  const keys = ['--config-keys', ...Object.keys(broken)];
  const planned = await runProduct(['plan', ...files, ...keys], product);
  expect([planned.code, planned.stdout, planned.stderr]).toEqual([2, '', lines.join('')]);
  const ran = await runProduct(['run', ...files, '--config-keys', 'throws'], product);
  expect([ran.code, ran.stderr]).toEqual([2, lines[1]]);
});

/** A folder with a pool of two nodes for the docker launcher, both on this machine. */
async function twoDockerNodes(
  port: number,
): Promise<{ readonly args: string[]; readonly docker: DockerStandIn }> {
  await mkdir(join(folder, 'runners'));
  await writeFile(
    join(folder, 'runners', 'h100.yaml'),
    `launcher: slurm\naccelerator: none\nport: ${port}\nenv: { POOL_SAYS: "a b" }\n`,
  );
  await writeFile(join(folder, 'runners.yaml'), 'h100: [h100-a_0, h100-a_1]\n');
  const args = [
    '--config-files',
    ...januaryMasters,
    '--runner-config',
    'runners.yaml',
    '--config-keys',
    'gptoss-fp4-h100-vllm',
    '--launcher',
    'docker',
  ];
  return { args, docker: await DockerStandIn.create(join(folder, 'docker')) };
}

const report = z.object({
  sessions: z.array(
    z.object({
      id: z.string(),
      launcher: z.string(),
      command: z.object({
        launch: z.object({ commands: z.array(z.object({ argv: z.array(z.string()) })) }),
      }),
    }),
  ),
});

test('with --launcher, run starts engines with exactly the command that plan prints', async () => {
  const { args, docker } = await twoDockerNodes(await freePort());
  const planned = await runProduct(['plan', '--json', ...args], { cwd: folder });
  expect(planned.code, planned.stderr).toBe(0);
  const { sessions } = report.parse(JSON.parse(planned.stdout));
  const [session] = sessions;
  expect(new Set(sessions.map(({ launcher }) => launcher))).toEqual(new Set(['docker']));

  const product = new TestProduct(['run', ...args, '--session', session?.id ?? '', '--json', '--no-evals'], {
    cwd: folder,
    env: { PATH: [docker.binFolder, process.env.PATH].join(delimiter) },
  });
  expect(await product.exited).toBe(1);
  const started = (await docker.calls()).filter(({ argv }) => argv[0] === 'run' || argv[0] === 'pull');
  const [pull, run] = started.map(({ argv }) => ['docker', ...argv]);
  const token = run?.find((word) => word.startsWith('inferencemax.token='))?.split('=')[1] ?? '';
  const sessionFolder = run?.[run.indexOf('--volume') + 1]?.split(':')[0] ?? '';
  expect(sessionFolder).toContain(session?.id);
  const known = (word: string) => word.replace('$TOKEN', token).replace('$SESSION_DIR', sessionFolder);
  expect([pull, run]).toEqual(session?.command.launch.commands.map(({ argv }) => argv.map(known)));
});

import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { packageRoot } from '../src/package-root.ts';
import { readAction, readWorkflow, type WorkflowStep } from './actions/workflow.ts';

const workflowFolder = join(packageRoot, '.github', 'workflows');
const actionFolder = join(packageRoot, '.github', 'actions');
const files = readdirSync(workflowFolder);
const actions = readdirSync(actionFolder);

/** The version to check with. It is a Go module, so Go verifies its checksum. */
const actionlint = 'github.com/rhysd/actionlint/cmd/actionlint@v1.7.12';
const hasGo = await promisify(execFile)('go', ['version']).then(
  () => true,
  () => false,
);

async function stepsOf(file: string): Promise<WorkflowStep[]> {
  return Object.values((await readWorkflow(join(workflowFolder, file))).jobs).flatMap(({ steps }) => steps);
}

const everyStep = async () => [
  ...(await Promise.all(files.map(stepsOf))).flat(),
  ...(
    await Promise.all(actions.map(async (name) => (await readAction(join(actionFolder, name))).runs.steps))
  ).flat(),
];

describe('the workflows', () => {
  test.skipIf(!hasGo)('pass actionlint (skipped: no Go)', async () => {
    const linted = promisify(execFile)('go', ['run', actionlint], { cwd: packageRoot });
    await expect(linted).resolves.toMatchObject({ stdout: '' });
  });

  test('are complete', () => {
    expect(files).toEqual(
      expect.arrayContaining([
        'benchmark-multinode-tmpl.yml',
        'benchmark-tmpl.yml',
        'collect-results.yml',
        'e2e-tests.yml',
        'nightly.yml',
        'pr-comment-sweep.yml',
        'publish.yml',
        'run-sweep.yml',
        'test.yml',
      ]),
    );
  });

  test('no script contains an expression, so user input is never part of one', async () => {
    const scripts = (await everyStep()).flatMap(({ run }) => (run === undefined ? [] : [run]));
    expect(scripts.length).toBeGreaterThan(10);
    expect(scripts.filter((script) => script.includes('${{'))).toEqual([]);
  });

  test('every foreign action is pinned to a commit', async () => {
    const used = (await everyStep()).flatMap(({ uses }) => (uses === undefined ? [] : [uses]));
    expect(used.filter((uses) => !/^\.\/|@[0-9a-f]{40}$/.test(uses))).toEqual([]);
  });

  test.each(files)(
    '%s has a timeout for each job, and only read permission unless a job requests more',
    async (file) => {
      const { jobs, permissions } = await readWorkflow(join(workflowFolder, file));
      expect(permissions).toEqual({ contents: 'read' });
      for (const [name, job] of Object.entries(jobs)) {
        if (job.uses === undefined) expect(job['timeout-minutes'], name).toBeGreaterThan(0);
      }
    },
  );
});

test.each([
  [
    'with the URL of its GitHub Pages',
    'echo https://org.github.io/bench/',
    'publish site --site-url https://org.github.io/bench/',
  ],
  ['without a URL if there are no pages', 'echo \'{"message":"Not Found"}\'; exit 1', 'publish site'],
])('the page is published %s', async (_name, gh, asked) => {
  const step = (await stepsOf('publish.yml')).find(({ name }) => name === 'Make the page');
  const bin = await mkdtemp(join(tmpdir(), 'publish-step-'));
  try {
    for (const [name, script] of Object.entries({ gh, node: 'echo "$@"' }))
      await writeFile(join(bin, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    const env = { PATH: `${bin}:${process.env.PATH}`, GITHUB_REPOSITORY: 'org/bench' };
    const { stdout } = await promisify(execFile)('bash', ['-eo', 'pipefail', '-c', step?.run ?? ''], { env });
    expect(stdout.trim()).toBe(`bin/inferencemax.js ${asked}`);
  } finally {
    await rm(bin, { recursive: true });
  }
});

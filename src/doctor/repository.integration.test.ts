import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { afterEach, expect, test } from 'vitest';
import { examineRepository } from './repository.ts';

let server: Server | undefined;
afterEach(() => void server?.close());

const careful: Readonly<Record<string, object>> = {
  '/repos/org/bench/actions/permissions/fork-pr-contributor-approval': {
    approval_policy: 'all_external_contributors',
  },
  '/repos/org/bench/actions/permissions/workflow': {
    default_workflow_permissions: 'read',
    can_approve_pull_request_reviews: false,
  },
  '/repos/org/bench/actions/permissions': {
    enabled: true,
    allowed_actions: 'all',
    sha_pinning_required: true,
  },
  '/repos/org/bench/actions/runners?per_page=100': {
    total_count: 1,
    runners: [{ name: 'h200-1', ephemeral: true }],
  },
};

async function examined(answers: Readonly<Record<string, object>>): Promise<string[]> {
  server = createServer(({ url = '', headers }, response) => {
    const answer = headers.authorization === 'Bearer secret' ? answers[url] : undefined;
    response.writeHead(answer === undefined ? 404 : 200).end(JSON.stringify(answer ?? {}));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const api = `http://127.0.0.1:${address.port}`;
  const findings = await examineRepository({ api, name: 'org/bench', token: 'secret' });
  return findings.map(({ check, state, message }) => `${state} ${check}: ${message}`);
}

test('safe settings are ok', async () => {
  expect((await examined(careful)).map((line) => line.split(':')[0])).toEqual([
    'ok approval',
    'ok token',
    'ok actions',
    'ok runners',
  ]);
});

test('each unsafe setting is a problem, with its risk', async () => {
  const careless = {
    ...careful,
    '/repos/org/bench/actions/permissions/fork-pr-contributor-approval': {
      approval_policy: 'first_time_contributors',
    },
    '/repos/org/bench/actions/permissions/workflow': {
      default_workflow_permissions: 'write',
      can_approve_pull_request_reviews: true,
    },
    '/repos/org/bench/actions/permissions': { enabled: true, allowed_actions: 'all' },
    '/repos/org/bench/actions/runners?per_page=100': { total_count: 1, runners: [{ name: 'h200-1' }] },
  };
  expect(await examined(careless)).toEqual([
    'problem approval: the workflow files of a pull request from a fork can run on self-hosted runners without approval',
    'problem token: the token of a workflow without explicit permissions may write',
    'problem actions: a workflow may use any action, at any version',
    'problem runners: h200-1: a job finds what an earlier job left behind',
  ]);
});

test('settings that GitHub does not report are unknown, never ok', async () => {
  expect(await examined({})).toEqual(
    ['approval', 'token', 'actions', 'runners'].map(
      (check) => `warning ${check}: not known: GitHub answers 404`,
    ),
  );
});

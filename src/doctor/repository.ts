import { z } from 'zod';
import { bodyWithin } from '../bounded-read.ts';
import type { Finding } from '../finding.ts';
import { reasonFor } from '../schema-words.ts';

/** A GitHub repository, and the token to query it with. */
export interface Repository {
  /** The API's URL, such as `https://api.github.com`. */
  readonly api: string;
  /** `owner/name`. */
  readonly name: string;
  /** A token with read access to the repository's administration; without it GitHub reports little. */
  readonly token: string | undefined;
}

/** A setting that decides what the author of a pull request can do on our machines. */
interface Setting {
  readonly check: string;
  /** The part after `/repos/OWNER/NAME/`. */
  readonly path: string;
  /** What is wrong with a response; undefined if nothing. Throws if the response is unexpected. */
  readonly fault: (answer: unknown) => { readonly message: string; readonly todo: string } | undefined;
  readonly good: string;
}

const approval = z.object({ approval_policy: z.string() });
const tokens = z.object({
  default_workflow_permissions: z.string(),
  can_approve_pull_request_reviews: z.boolean(),
});
const actions = z.object({
  allowed_actions: z.string().optional(),
  sha_pinning_required: z.boolean().optional(),
});
const runners = z.object({
  runners: z.array(z.object({ name: z.string(), ephemeral: z.boolean().optional() })),
});

const settings: readonly Setting[] = [
  {
    check: 'approval',
    path: 'actions/permissions/fork-pr-contributor-approval',
    fault: (answer) =>
      approval.parse(answer).approval_policy === 'all_external_contributors'
        ? undefined
        : {
            message:
              'the workflow files of a pull request from a fork can run on self-hosted runners without approval',
            todo: 'Settings → Actions → General → require approval for all external contributors',
          },
    good: 'workflows of pull requests from forks wait for approval',
  },
  {
    check: 'token',
    path: 'actions/permissions/workflow',
    fault: (answer) => {
      const { default_workflow_permissions: given, can_approve_pull_request_reviews: approves } =
        tokens.parse(answer);
      if (given === 'read' && !approves) return undefined;
      return {
        message: `the token of a workflow without explicit permissions may ${given === 'read' ? 'approve pull requests' : 'write'}`,
        todo: 'Settings → Actions → General → Workflow permissions: read-only, no approval of pull requests',
      };
    },
    good: 'the token of a workflow without explicit permissions is read-only',
  },
  {
    check: 'actions',
    path: 'actions/permissions',
    fault: (answer) => {
      const { allowed_actions: allowed, sha_pinning_required: pinned } = actions.parse(answer);
      if (pinned === true || (allowed !== undefined && allowed !== 'all')) return undefined;
      return {
        message: 'a workflow may use any action, at any version',
        todo: 'Settings → Actions → General → require actions to be pinned to a full-length commit SHA',
      };
    },
    good: 'actions are from an allow-list or pinned to commits',
  },
  {
    check: 'runners',
    path: 'actions/runners?per_page=100',
    fault: (answer) => {
      const lasting = runners.parse(answer).runners.filter(({ ephemeral }) => ephemeral !== true);
      if (lasting.length === 0) return undefined;
      return {
        message: `${lasting.map(({ name }) => name).join(', ')}: a job finds what an earlier job left behind`,
        todo: 'register runners with --ephemeral, one job each, or in a runner group restricted to workflows on main',
      };
    },
    good: 'every self-hosted runner of the repository is ephemeral',
  },
];

const longestAnswer = 4 * 1024 * 1024;
const answerMs = 20_000;

/** Checks whether a repository's settings keep untrusted code off its runners, as far as GitHub's API reports them. */
export async function examineRepository(repository: Repository): Promise<readonly Finding[]> {
  return await Promise.all(settings.map(async (setting) => await examineSetting(setting, repository)));
}

async function examineSetting(
  { check, path, fault, good }: Setting,
  repository: Repository,
): Promise<Finding> {
  const { api, name, token } = repository;
  const unknown = (why: string): Finding => ({
    check,
    state: 'warning',
    message: `not known: ${why}`,
    todo: "set GH_TOKEN to a token that may read the repository's administration settings, or check Settings → Actions",
  });
  try {
    const headers = new Headers({ accept: 'application/vnd.github+json' });
    if (token !== undefined) headers.set('authorization', `Bearer ${token}`);
    const response = await fetch(`${api}/repos/${name}/${path}`, {
      signal: AbortSignal.timeout(answerMs),
      headers,
    });
    const body = await bodyWithin(response, longestAnswer);
    if (!response.ok) return unknown(`GitHub answers ${response.status}`);
    const found = fault(JSON.parse(body));
    return found === undefined
      ? { check, state: 'ok', message: good }
      : { check, state: 'problem', ...found };
  } catch (error) {
    return unknown(reasonFor(error));
  }
}

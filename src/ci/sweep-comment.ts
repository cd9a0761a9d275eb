import { z } from 'zod';
import { InputError } from '../errors.ts';
import { refuseFileOptions, wordsOf } from './command-line.ts';

/** What a `/sweep` comment requests. */
export interface SweepRequest {
  /** The full SHA of the commit to measure. Later commits on the branch are not measured. */
  readonly sha: string;
  /** Whether the commit belongs to this repository. Code of a fork gets no secrets. */
  readonly ownCode: boolean;
  /** The command line of `generate`; empty if the sweep measures the pull request's changelog entries. */
  readonly generate: readonly string[];
}

/** The fields used of GitHub's `issue_comment` event. */
export const commentEventSchema = z.object({
  comment: z.object({ body: z.string(), user: z.object({ login: z.string() }) }),
});

/** The fields used of a pull request in GitHub's API. */
export const pullRequestSchema = z.object({
  state: z.string(),
  head: z.object({ sha: z.string(), repo: z.object({ full_name: z.string() }).nullable() }),
  base: z.object({ repo: z.object({ full_name: z.string() }) }),
});

/** GitHub's answer about a user's permission in a repository. */
export const permissionSchema = z.object({ permission: z.string() });

const allowed = ['admin', 'maintain', 'write'];
const usage =
  'use /sweep to measure what the changelog of this pull request asks for, or /sweep test-config --config-keys KEY…; a commit may come first, as in /sweep @1a2b3c4';

/**
 * Parses a `/sweep` comment: checks the author's permission, finds the commit, and reads what to measure. For
 * a pull request from another repository the comment must name the commit, because its author could push
 * another one after the comment. Throws InputError, worded as a reply to the comment, if the request is not
 * valid.
 */
export function sweepRequest(
  event: z.infer<typeof commentEventSchema>,
  pull: z.infer<typeof pullRequestSchema>,
  { permission }: z.infer<typeof permissionSchema>,
): SweepRequest {
  const line = event.comment.body.split('\n')[0]?.trim() ?? '';
  // Checked before parsing, because parse errors quote the comment.
  if (!allowed.includes(permission)) {
    throw new InputError(`${event.comment.user.login} may not start a sweep`, 'a user with write access can');
  }
  if (!/^\/sweep(?=\s|$)/.test(line)) throw new InputError('the comment does not start with /sweep', usage);
  const [, ...words] = wordsOf(line.slice(1));
  if (pull.state !== 'open') throw new InputError(`the pull request is ${pull.state}`, 'reopen it first');
  const named = words[0]?.startsWith('@') ? words.shift()?.slice(1) : undefined;
  refuseFileOptions(words);
  return { sha: pinned(named, pull), ownCode: isOwn(pull), generate: words };
}

function isOwn({ head, base }: Pick<z.infer<typeof pullRequestSchema>, 'head' | 'base'>): boolean {
  return head.repo?.full_name === base.repo.full_name;
}

function pinned(named: string | undefined, { head, base }: z.infer<typeof pullRequestSchema>): string {
  if (named === undefined) {
    if (isOwn({ head, base })) return head.sha;
    throw new InputError(
      'this pull request comes from another repository',
      `name the commit that you reviewed: /sweep @${head.sha.slice(0, 12)} …`,
    );
  }
  if (!/^[0-9a-f]{7,40}$/.test(named)) {
    throw new InputError(`'@${named}' is not a commit`, 'use 7 to 40 hexadecimal digits');
  }
  if (head.sha.startsWith(named)) return head.sha;
  throw new InputError(
    `the head of the pull request is ${head.sha.slice(0, 12)}, not ${named}`,
    'review the new commits, then comment again',
  );
}

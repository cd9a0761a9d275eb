import { expect, test } from 'vitest';
import { sweepRequest } from './sweep-comment.ts';

const sha = '0123456789abcdef0123456789abcdef01234567';
const own = 'org/inferencemax';

function request(body: string, { repo = own, permission = 'write', state = 'open' } = {}) {
  return sweepRequest(
    { comment: { body, user: { login: 'ann' } } },
    { state, head: { sha, repo: { full_name: repo } }, base: { repo: { full_name: own } } },
    { permission },
  );
}

test('/sweep alone measures what the changelog of the pull request asks for, at its current head', () => {
  expect(request('/sweep')).toEqual({ sha, ownCode: true, generate: [] });
  expect(request('/sweep\nthanks!')).toEqual({ sha, ownCode: true, generate: [] });
});

test('the words after /sweep are a command line of generate', () => {
  expect(request("/sweep test-config --config-keys 'dsr1-*'").generate).toEqual([
    'test-config',
    '--config-keys',
    'dsr1-*',
  ]);
});

test('for a pull request from a fork, the comment must name the commit, which must still be the head', () => {
  expect(() => request('/sweep', { repo: 'eve/inferencemax' })).toThrow(/@0123456789ab/);
  expect(request('/sweep @0123456 full-sweep', { repo: 'eve/inferencemax' })).toEqual({
    sha,
    ownCode: false,
    generate: ['full-sweep'],
  });
  expect(() => request('/sweep @fffffff')).toThrow(/not fffffff/);
  expect(() => request('/sweep @main')).toThrow(/not a commit/);
});

test.each(['read', 'triage', 'none'])('a user with permission %s may not start a sweep', (permission) => {
  expect(() => request('/sweep', { permission })).toThrow(/ann may not/);
});

test('other comments are not requests', () => {
  expect(() => request('please /sweep')).toThrow(/does not start/);
  expect(() => request('/sweeping')).toThrow(/does not start/);
  expect(() => request('/sweep; rm -rf /')).toThrow();
  expect(() => request('/sweep', { state: 'closed' })).toThrow(/closed/);
});

test('it cannot name files of the machine that runs the sweep', () => {
  expect(() => request('/sweep full-sweep --config-files /etc/passwd')).toThrow(/--config-files/);
});

test('a comment by a user without permission is neither parsed nor quoted', () => {
  expect(() => request('/sweep ; @org/team [link](https://evil.example)', { permission: 'read' })).toThrow(
    /^\S+ may not start a sweep/,
  );
});

import { expect, test } from 'vitest';
import { githubReporter } from './github.ts';

function reported(nodes: readonly string[]): string {
  let written = '';
  const write = (text: string) => {
    written += text;
  };
  const plain = {
    event: ({ type }: { type: string }) => write(`${type}\n`),
    note: write,
    stopping: write,
    close: () => {},
  };
  const reporter = githubReporter(plain, write);
  reporter.event({ type: 'sweep-started', resumed: false, pointsLeft: 1, nodes: [...nodes] });
  reporter.event({ type: 'session-assigned', sessionId: 's', node: 'n' });
  reporter.event({
    type: 'session-failed',
    sessionId: 's',
    node: 'n',
    failureClass: 'never-ready',
    message: '100 % of\nthe time: no answer',
    next: 'give-up',
  });
  reporter.event({ type: 'sweep-finished', finished: 0, failed: 1 });
  reporter.close();
  return written;
}

test('one node: a session is a group, and its failure is an annotation whose message is escaped', () => {
  expect(reported(['n'])).toBe(
    [
      'sweep-started',
      '::group::session s on n',
      'session-assigned',
      'session-failed',
      '::error title=never-ready::100 %25 of%0Athe time: no answer',
      '::endgroup::',
      'sweep-finished',
      '',
    ].join('\n'),
  );
});

test('several nodes: their lines alternate, so there are no groups', () => {
  expect(reported(['n', 'm'])).not.toContain('::group::');
});

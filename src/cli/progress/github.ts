import type { Reporter } from './reporter.ts';

/**
 * Formats lines for the log of a GitHub job: each session is a collapsible group if only one node works, and every
 * failure is an annotation of the run.
 */
export function githubReporter(plain: Reporter, write: (text: string) => unknown): Reporter {
  let folds = true;
  let open = false;
  const endGroup = () => {
    if (open) write('::endgroup::\n');
    open = false;
  };
  return {
    event: (event) => {
      if (event.type === 'sweep-started') folds = (event.nodes ?? []).length < 2;
      if (event.type === 'session-assigned' && folds) {
        endGroup();
        write(`::group::session ${event.sessionId} on ${event.node}\n`);
        open = true;
      }
      if (event.type.startsWith('sweep-')) endGroup();
      plain.event(event);
      if (event.type === 'session-failed' || event.type === 'sweep-stopped')
        annotate(write, 'error', event.failureClass, event.message);
      if (event.type === 'point-failed')
        annotate(
          write,
          event.willRetry ? 'warning' : 'error',
          `${event.failureClass}: ${event.pointId}`,
          event.message,
        );
      if (event.type === 'node-quarantined')
        annotate(write, 'warning', `node ${event.node}`, `taken out of use: ${event.reason}`);
    },
    note: (text) => plain.note(text),
    stopping: (text) => plain.stopping(text),
    close: () => {
      endGroup();
      plain.close();
    },
  };
}

function annotate(
  write: (text: string) => unknown,
  level: 'error' | 'warning',
  title: string,
  message: string,
): void {
  write(
    `::${level} title=${escaped(title).replaceAll(':', '%3A').replaceAll(',', '%2C')}::${escaped(message)}\n`,
  );
}

/** Escapes characters with a meaning in workflow commands. */
function escaped(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

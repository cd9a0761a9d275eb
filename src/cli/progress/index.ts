import type { Sweep } from '../../sweep/index.ts';
import { widthOf } from '../terminal/fit.ts';
import { isLive, styleOf } from '../terminal/style.ts';
import { githubReporter } from './github.ts';
import { liveReporter } from './live.ts';
import { plainReporter } from './plain.ts';
import type { ProgressOutput, Reporter } from './reporter.ts';

export type { Reporter } from './reporter.ts';

interface ReporterContext {
  readonly json: boolean;
  readonly output: NodeJS.WriteStream;
  readonly now: () => Date;
  /** Environment variables, which show whether this is a CI job. */
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/**
 * Chooses a reporter: JSON lines on request, a live view on a terminal, groups and annotations in a GitHub job, plain
 * lines elsewhere.
 */
export function reporterFor(sweep: Sweep, { json, output, now, environment }: ReporterContext): Reporter {
  if (json) return jsonReporter(output, now);
  const style = styleOf(output, environment);
  const plain = (target: ProgressOutput) => plainReporter(sweep, target, { now, style, saysStanding: true });
  if (environment.GITHUB_ACTIONS === 'true')
    return githubReporter(plain(output), (text) => output.write(text));
  return isLive(output, environment)
    ? liveReporter(sweep, output, style, (target) =>
        plainReporter(sweep, target, { now, style, saysStanding: false, width: () => widthOf(output) }),
      )
    : plain(output);
}

function jsonReporter(output: ProgressOutput, now: () => Date): Reporter {
  const line = (value: object) => output.write(`${JSON.stringify({ at: now().toISOString(), ...value })}\n`);
  const note = (text: string) => line({ type: 'note', text });
  return { event: line, note, stopping: note, close: () => {} };
}

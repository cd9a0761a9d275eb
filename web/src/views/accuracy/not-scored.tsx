import type { Names } from '../../data/names-in.ts';
import { plural } from '../../parts/format.ts';
import { type UnscoredHardware, type UnscoredServers, unscoredWords } from './unscored.ts';

interface UnscoredProps {
  readonly hardware: readonly UnscoredHardware[];
  readonly servers: UnscoredServers | undefined;
  readonly model: string;
  readonly task: string;
  readonly workload: string | undefined;
  /** Whether every point of the model is a copy of a public result. */
  readonly isCopied: boolean;
  /** How many scores are known, if the store has more. */
  readonly newest: number | null;
  readonly names: Names;
}

/** What was measured but has no score, and why: without this, a reader would take a missing row for a good one. */
export function Unscored({
  hardware,
  servers,
  model,
  task,
  workload,
  isCopied,
  newest,
  names,
}: UnscoredProps) {
  const missing = servers?.without ?? new Map<string, readonly string[]>();
  const count = [...missing.values()].flat().length;
  return (
    <>
      {hardware.length > 0 && (
        <p class="absent">
          Measured with {model}, but without a score in {task}
          {newest !== null
            ? ` among the newest ${newest}`
            : isCopied
              ? ', because the public results have none'
              : ', because no run with an accuracy check is in the store'}
          :{' '}
          {hardware.map((one, at) => (
            <span key={one.hw} data-unscored={one.hw}>
              {at > 0 && '; '}
              <b>{names.hardware(one.hw)}</b>: {unscoredWords(one, names)}
            </span>
          ))}
          .
        </p>
      )}
      {servers !== undefined && count > 0 && (
        <details class="absent unscored" data-servers-unscored={count}>
          <summary>
            {count} of {plural(servers.all, 'server')} measured at {workload} have no score
          </summary>
          <ul>
            {[...missing].map(([hw, words]) => (
              <li key={hw}>
                <b>{names.hardware(hw)}</b>: {words.join('; ')}
              </li>
            ))}
          </ul>
          <p>
            A server is a kind of hardware, an engine, a precision and a kind of speculative decoding; it has
            a score if any of its concurrencies was scored.
          </p>
        </details>
      )}
    </>
  );
}

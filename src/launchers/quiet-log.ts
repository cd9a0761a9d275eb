import { stat } from 'node:fs/promises';
import { defined } from '../defined/defined.ts';
import { logTail, logToExplain } from './engine-log.ts';
import type { RunningEngine } from './launcher.ts';
import { type MissingRanks, missingRanks } from './missing-ranks.ts';

/** A log without new content. */
export interface QuietLog {
  /** The step that writes it, if the engine has several. */
  readonly step?: string;
  readonly silentS: number;
  /** `repeats`: lines are still written, but they repeat earlier ones. */
  readonly how: 'silent' | 'repeats';
  readonly lastLine: string;
  /** The ranks that the others wait for, if the lines name ranks. */
  readonly missing?: MissingRanks;
}

interface Seen {
  readonly size: number;
  readonly lastLine: string;
  /** When it last had new content. */
  readonly newsMs: number;
}

/** Watches the logs of an engine that is not ready yet, to find those without new content. */
export class LogWatch {
  readonly #logs: readonly { readonly name?: string; readonly path: string }[];
  readonly #seen = new Map<string, Seen>();

  constructor({ logPath, stepLogs = [] }: Pick<RunningEngine, 'logPath' | 'stepLogs'>) {
    this.#logs = stepLogs.length > 0 ? stepLogs : [{ path: logPath }];
  }

  /** Reads the logs; returns those without new content for at least `quietS` seconds, longest first. */
  async look(nowMs: number, quietS: number): Promise<QuietLog[]> {
    const quiet: QuietLog[] = [];
    for (const { name, path } of this.#logs) {
      const { size } = await stat(path).catch(() => ({ size: 0 }));
      const before = this.#seen.get(path);
      const lastLine =
        before?.size === size ? before.lastLine : ((await logTail(path)).split('\n').at(-1) ?? '').trim();
      const isNews = before === undefined || withoutNumbers(lastLine) !== withoutNumbers(before.lastLine);
      const newsMs = isNews ? nowMs : before.newsMs;
      this.#seen.set(path, { size, lastLine, newsMs });
      const silentS = (nowMs - newsMs) / 1000;
      if (silentS < quietS) continue;
      const missing = missingRanks(await logToExplain(path));
      const how = before?.size === size ? 'silent' : 'repeats';
      quiet.push({ silentS, how, lastLine, ...defined({ step: name, missing }) });
    }
    return quiet.toSorted((a, b) => b.silentS - a.silentS);
  }
}

function missingInWords({ ranks, line }: MissingRanks): string {
  const who = ranks.length === 1 ? `rank ${ranks[0]} has` : `ranks ${ranks.join(', ')} have`;
  return `${who} not logged what the others have: ${line.slice(0, 120)}`;
}

/** Timestamps, counters and pids differ between lines that say the same. */
function withoutNumbers(line: string): string {
  return line.replaceAll(/\d+/g, '#');
}

/** Describes quiet logs, for progress messages and for the error if the wait times out. */
export function quietInWords(quiet: readonly QuietLog[]): string | undefined {
  const [first, ...others] = quiet;
  if (first === undefined) return undefined;
  const { step, silentS, how, lastLine } = first;
  const whose = step === undefined ? 'its log' : `the log of ${step}`;
  const does = how === 'silent' ? 'has been silent' : 'has repeated itself';
  const more = others.flatMap((log) => log.step ?? []);
  const beside = more.length === 0 ? '' : `; so have ${more.join(', ')}`;
  const last = lastLine === '' ? 'it is empty' : `last: ${lastLine.slice(0, 200)}`;
  const waited = [first, ...others].find(({ missing }) => missing !== undefined)?.missing;
  const ranks = waited === undefined ? '' : `; ${missingInWords(waited)}`;
  return `${whose} ${does} for ${Math.floor(silentS / 60)} min (${last})${beside}${ranks}`;
}

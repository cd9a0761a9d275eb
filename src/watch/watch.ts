import type { Occasion, WatchState } from './state.ts';

/** What became of a sweep. */
export type SweepEnd =
  | { readonly state: 'measured'; readonly failed: number }
  | { readonly state: 'nothing-asked' }
  /** Why what is asked can never be run; trying it again would not help. */
  | { readonly state: 'impossible'; readonly reason: string }
  | Postponed;

/** What kept something from being done may pass: it is tried again, and nothing that was asked is forgotten. */
export interface Postponed {
  readonly state: 'postponed';
  readonly reason: string;
}

/** What a watch does to the world; each may be cut off by a crash and is then done again. */
export interface WatchEffects {
  /** The commit that the watched ref names now. */
  readonly head: () => Promise<string>;
  /** When the schedule is due next after a time; undefined where there is no schedule. */
  readonly nextDue: (after: Date) => Date | undefined;
  /** Begins the sweep of that id, or goes on with it. Throws when interrupted. */
  readonly sweep: (sweepId: string, occasion: Occasion) => Promise<SweepEnd>;
  readonly publish: () => Promise<{ readonly state: 'published' } | Postponed>;
  readonly save: (state: WatchState) => Promise<void>;
  readonly now: () => Date;
  /** Waits so long, milliseconds, or until interrupted. */
  readonly wait: (ms: number) => Promise<void>;
  readonly tell: (event: WatchEvent) => void;
}

export type WatchEvent =
  | { readonly type: 'sweep-begins'; readonly sweepId: string; readonly occasion: Occasion }
  | { readonly type: 'sweep-ended'; readonly sweepId: string; readonly end: SweepEnd }
  | { readonly type: 'published' }
  | { readonly type: 'publishing-postponed'; readonly reason: string }
  | { readonly type: 'waiting'; readonly head: string; readonly nextDue: string | undefined }
  /** Something outside failed; it is tried again after the poll interval. */
  | { readonly type: 'trouble'; readonly message: string };

/** The next thing a watch does. */
export type WatchStep =
  | { readonly kind: 'sweep'; readonly sweepId: string; readonly occasion: Occasion }
  | { readonly kind: 'publish' }
  | { readonly kind: 'begin'; readonly sweepId: string; readonly occasion: Occasion }
  | { readonly kind: 'wait' };

/**
 * What to do next: first what was begun, then to publish it, then a change, then the schedule. A schedule that was
 * missed several times is due once.
 */
export function nextStep(
  state: WatchState,
  { head, due }: { readonly head: string; readonly due: Date | undefined },
  now: Date,
): WatchStep {
  if (state.current !== undefined) return { kind: 'sweep', ...state.current };
  if (state.publishDue) return { kind: 'publish' };
  if (head !== state.seen) {
    const occasion = { kind: 'change', base: state.seen, head } as const;
    return { kind: 'begin', sweepId: `watch-${head.slice(0, 12)}`, occasion };
  }
  if (due !== undefined && due <= now) {
    const dueAt = due.toISOString();
    const name = dueAt.replaceAll(/[-:]|\.\d+Z$/g, '');
    return { kind: 'begin', sweepId: `watch-${name}`, occasion: { kind: 'schedule', dueAt } };
  }
  return { kind: 'wait' };
}

/** The state after a sweep has ended. */
export function afterSweep(state: WatchState, occasion: Occasion, end: SweepEnd, now: Date): WatchState {
  if (end.state === 'postponed') return state;
  const { current: _, ...rest } = state;
  const publishDue = state.publishDue || end.state === 'measured';
  return occasion.kind === 'change'
    ? { ...rest, publishDue, seen: occasion.head }
    : { ...rest, publishDue, scheduledUpTo: now.toISOString() };
}

/**
 * Watches until interrupted, or until there is nothing to do when `once`. The state is saved before a sweep is begun
 * and after it has ended, so that a watch that died anywhere goes on where it was, without measuring anything twice.
 * What is postponed is tried again after the poll interval; with `once`, by the next watch.
 */
export async function watch(
  start: WatchState,
  effects: WatchEffects,
  { pollMs, once }: { readonly pollMs: number; readonly once: boolean },
): Promise<WatchState> {
  let state = start;
  const save = async (next: WatchState) => {
    state = next;
    await effects.save(next);
  };
  for (;;) {
    const head = await effects.head().catch((error: unknown) => {
      effects.tell({ type: 'trouble', message: error instanceof Error ? error.message : String(error) });
      return state.seen;
    });
    const due = effects.nextDue(new Date(state.scheduledUpTo));
    const step = nextStep(state, { head, due }, effects.now());
    switch (step.kind) {
      case 'begin':
        await save({ ...state, current: { sweepId: step.sweepId, occasion: step.occasion } });
        effects.tell({ type: 'sweep-begins', sweepId: step.sweepId, occasion: step.occasion });
        break;
      case 'sweep': {
        const end = await effects.sweep(step.sweepId, step.occasion);
        await save(afterSweep(state, step.occasion, end, effects.now()));
        effects.tell({ type: 'sweep-ended', sweepId: step.sweepId, end });
        if (end.state !== 'postponed') break;
        if (once) return state;
        await effects.wait(pollMs);
        break;
      }
      case 'publish': {
        const end = await effects.publish();
        if (end.state === 'published') {
          await save({ ...state, publishDue: false });
          effects.tell({ type: 'published' });
          break;
        }
        effects.tell({ type: 'publishing-postponed', reason: end.reason });
        if (once) return state;
        await effects.wait(pollMs);
        break;
      }
      case 'wait': {
        if (once) return state;
        const untilDueMs = due === undefined ? pollMs : due.getTime() - effects.now().getTime();
        effects.tell({ type: 'waiting', head, nextDue: due?.toISOString() });
        await effects.wait(Math.min(pollMs, untilDueMs));
      }
    }
  }
}

import type { Occasion, WatchState } from './state.ts';

/** How a sweep ended. */
export type SweepEnd =
  | { readonly state: 'measured'; readonly failed: number }
  | { readonly state: 'nothing-asked' }
  /** The request can never be run, for this reason; a retry would not help. */
  | { readonly state: 'impossible'; readonly reason: string }
  | Postponed;

/** A temporary condition prevented the work; it stays pending and is retried. */
export interface Postponed {
  readonly state: 'postponed';
  readonly reason: string;
}

/** The side effects of a watch. A crash may interrupt any of them; the next watch repeats it. */
export interface WatchEffects {
  /** The commit to which the watched ref points now. */
  readonly head: () => Promise<string>;
  /** The next time after `after` at which the schedule fires, or undefined without a schedule. */
  readonly nextDue: (after: Date) => Date | undefined;
  /** Starts the sweep with this id, or resumes it. Throws if interrupted. */
  readonly sweep: (sweepId: string, occasion: Occasion) => Promise<SweepEnd>;
  readonly publish: () => Promise<{ readonly state: 'published' } | Postponed>;
  readonly save: (state: WatchState) => Promise<void>;
  readonly now: () => Date;
  /** Waits for `ms` milliseconds or until interrupted. */
  readonly wait: (ms: number) => Promise<void>;
  readonly tell: (event: WatchEvent) => void;
}

export type WatchEvent =
  | { readonly type: 'sweep-begins'; readonly sweepId: string; readonly occasion: Occasion }
  | { readonly type: 'sweep-ended'; readonly sweepId: string; readonly end: SweepEnd }
  | { readonly type: 'published' }
  | { readonly type: 'publishing-postponed'; readonly reason: string }
  | { readonly type: 'waiting'; readonly head: string; readonly nextDue: string | undefined }
  /** Something outside failed; the step is retried after the poll interval. */
  | { readonly type: 'trouble'; readonly message: string };

/** The next step of a watch. */
export type WatchStep =
  | { readonly kind: 'sweep'; readonly sweepId: string; readonly occasion: Occasion }
  | { readonly kind: 'publish' }
  | { readonly kind: 'begin'; readonly sweepId: string; readonly occasion: Occasion }
  | { readonly kind: 'wait' };

/**
 * Chooses the next step: finish the current sweep, then publish, then handle a changelog change, then the
 * schedule. A schedule that was missed several times is due once.
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
 * Watches until interrupted or, with `once`, until there is nothing to do. The state is saved before a sweep
 * starts and after it ends, so a watch that crashes anywhere continues where it was and measures nothing
 * twice. Postponed work is retried after the poll interval or, with `once`, by the next watch.
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

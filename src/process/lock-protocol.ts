/**
 * How a lock is taken and given back, as the steps on files that it needs; who takes the steps is told their answers.
 *
 * The lock is a folder with one file in it, whose name says who owns it. A taker makes such a folder beside it and
 * renames it to the lock's name, which a file system does at once, and only where there is no folder or an empty one.
 * A dead owner's file is removed by its name, which nobody else ever has, so that no step can hit a new owner.
 * Releasing removes one's own file, then the folder, which only an empty one allows. A process that dies between any
 * two steps leaves a file of a dead owner or an empty folder: neither makes anybody wait.
 */
export type LockStep =
  /** Renames the folder that was made to the lock's name. */
  | { readonly kind: 'place' }
  /** The names in the lock's folder. */
  | { readonly kind: 'list' }
  /** Whether the owner of a name lives. */
  | { readonly kind: 'is-alive'; readonly owner: string }
  /** Removes the file of that name, if it is there. */
  | { readonly kind: 'remove'; readonly owner: string }
  /** Removes the lock's folder, if it is empty. */
  | { readonly kind: 'clear' };

/** What a step found; steps that only do something are answered `done`. */
export type LockAnswer =
  | { readonly kind: 'done' }
  | { readonly kind: 'occupied' }
  | { readonly kind: 'names'; readonly names: readonly string[] }
  | { readonly kind: 'alive' }
  | { readonly kind: 'dead' };

/** Takes the lock; returns undefined once it is taken, or the live owner who has it. */
export function* take(): Generator<LockStep, string | undefined, LockAnswer> {
  for (;;) {
    if ((yield { kind: 'place' }).kind === 'done') return undefined;
    const listed = yield { kind: 'list' };
    for (const owner of listed.kind === 'names' ? listed.names : []) {
      if ((yield { kind: 'is-alive', owner }).kind === 'alive') return owner;
      yield { kind: 'remove', owner };
    }
  }
}

/** Gives the lock back. */
export function* release(me: string): Generator<LockStep, undefined, LockAnswer> {
  yield { kind: 'remove', owner: me };
  yield { kind: 'clear' };
}

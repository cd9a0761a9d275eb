/**
 * How a lock is taken and released, as a sequence of file operations; the caller performs them and passes back their
 * answers.
 *
 * The lock is a folder with one file in it, whose name identifies the owner. To take the lock, a process creates such a
 * folder next to it and renames it to the lock's name. A file system does this atomically, and only if there is no
 * folder or an empty one. A dead owner's file is removed by its unique name, so this cannot affect a new owner. To
 * release the lock, a process removes its own file and then the folder, which succeeds only if the folder is empty. A
 * process that dies between two steps leaves a file of a dead owner or an empty folder; neither makes anyone wait.
 */
export type LockStep =
  /** Renames the prepared folder to the lock's name. */
  | { readonly kind: 'place' }
  /** Lists the names in the lock's folder. */
  | { readonly kind: 'list' }
  /** Checks whether the owner with this name is alive. */
  | { readonly kind: 'is-alive'; readonly owner: string }
  /** Removes the file with this name, if it exists. */
  | { readonly kind: 'remove'; readonly owner: string }
  /** Removes the lock's folder, if it is empty. */
  | { readonly kind: 'clear' };

/** The result of a step; steps without a result return `done`. */
export type LockAnswer =
  | { readonly kind: 'done' }
  | { readonly kind: 'occupied' }
  | { readonly kind: 'names'; readonly names: readonly string[] }
  | { readonly kind: 'alive' }
  | { readonly kind: 'dead' };

/** Takes the lock. Returns undefined once it is taken, or else the name of the live owner. */
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

/** Releases the lock. */
export function* release(me: string): Generator<LockStep, undefined, LockAnswer> {
  yield { kind: 'remove', owner: me };
  yield { kind: 'clear' };
}

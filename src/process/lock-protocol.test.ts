import { expect, test } from 'vitest';
import { type LockAnswer, type LockStep, release, take } from './lock-protocol.ts';

/** What a process is doing. `taking` and `releasing` have steps left. */
type Doing = 'taking' | 'holding' | 'releasing' | 'refused' | 'gone' | 'dead';

interface Contender {
  readonly name: string;
  readonly doing: Doing;
  /** The answers to its steps since it started to take or release; they determine its position. */
  readonly answers: readonly LockAnswer[];
}

interface World {
  /** The names in the lock's folder; undefined if there is no folder. */
  readonly folder: readonly string[] | undefined;
  readonly contenders: readonly Contender[];
}

/** How the steps affect the files of a model. */
type FileSystem = (step: LockStep, me: string, world: World) => readonly [World['folder'], LockAnswer];

const done: LockAnswer = { kind: 'done' };

const posix: FileSystem = (step, me, { folder, contenders }) => {
  switch (step.kind) {
    case 'place':
      return (folder ?? []).length === 0 ? [[me], done] : [folder, { kind: 'occupied' }];
    case 'list':
      return [folder, { kind: 'names', names: folder ?? [] }];
    case 'is-alive': {
      const owner = contenders.find(({ name }) => name === step.owner);
      return [folder, { kind: owner === undefined || owner.doing === 'dead' ? 'dead' : 'alive' }];
    }
    case 'remove':
      return [folder?.filter((name) => name !== step.owner), done];
    case 'clear':
      return [folder?.length === 0 ? undefined : folder, done];
  }
};

/** A contender's position in its protocol: its next step, or the outcome. */
function positionOf({ name, doing, answers }: Contender): IteratorResult<LockStep, string | undefined> {
  const steps = doing === 'releasing' ? release(name) : take();
  let next: IteratorResult<LockStep, string | undefined> = steps.next();
  for (const answer of answers) next = steps.next(answer);
  return next;
}

/** Everything that one contender may do next, including dying. */
function movesOf(world: World, index: number, files: FileSystem): World[] {
  const one = world.contenders[index];
  if (one === undefined || ['refused', 'gone', 'dead'].includes(one.doing)) return [];
  const becoming = (next: Contender, folder: World['folder']): World => ({
    folder,
    contenders: world.contenders.with(index, next),
  });
  const dies = becoming({ ...one, doing: 'dead', answers: [] }, world.folder);
  if (one.doing === 'holding')
    return [dies, becoming({ ...one, doing: 'releasing', answers: [] }, world.folder)];
  const position = positionOf(one);
  if (position.done === true) throw new Error(`${one.name} has no step left`);
  const [folder, answer] = files(position.value, one.name, world);
  const moved = { ...one, answers: [...one.answers, answer] };
  const after = positionOf(moved);
  if (after.done !== true) return [dies, becoming(moved, folder)];
  const end = one.doing === 'releasing' ? 'gone' : after.value === undefined ? 'holding' : 'refused';
  return [dies, becoming({ ...one, doing: end, answers: [] }, folder)];
}

/** The smallest interesting case: a dead owner, two processes that take over, and a late one. */
const contenders = 4;

/** Visits every state that contenders can reach, for all orders of steps and all times of death. */
function explore(count: number, files: FileSystem, look: (world: World) => void): number {
  const start = Array.from({ length: count }, (_, index) => ({
    name: `p${index}`,
    doing: 'taking' as const,
    answers: [],
  }));
  const seen = new Set<string>();
  const open: World[] = [{ folder: undefined, contenders: start }];
  for (let world = open.pop(); world !== undefined; world = open.pop()) {
    const key = JSON.stringify(world);
    if (seen.has(key)) continue;
    seen.add(key);
    look(world);
    for (let index = 0; index < count; index++) open.push(...movesOf(world, index, files));
  }
  return seen.size;
}

function requireOneOwner({ contenders }: World): void {
  const owners = contenders.filter(({ doing }) => doing === 'holding').map(({ name }) => name);
  if (owners.length > 1) throw new Error(`${owners.join(' and ')} own it at once`);
}

/** A process that starts now, while the others are stopped, must get the lock or learn of a live owner. */
function requireAnswerForNewcomer(world: World): void {
  const steps = take();
  let { folder } = world;
  let next = steps.next();
  for (let step = 0; next.done !== true; step++) {
    if (step > 10)
      throw new Error(`a newcomer waits although no process owns the lock: ${JSON.stringify(world)}`);
    const [after, answer] = posix(next.value, 'newcomer', { ...world, folder });
    folder = after;
    next = steps.next(answer);
  }
  if (next.value !== undefined) {
    const owner = world.contenders.find(({ name }) => name === next.value);
    expect(owner?.doing).not.toBe('dead');
  }
}

test('for no order of steps and deaths do two processes own a lock, or does anyone wait for a dead owner', () => {
  const states = explore(contenders, posix, (world) => {
    requireOneOwner(world);
    requireAnswerForNewcomer(world);
  });
  expect(states).toBeGreaterThan(40_000);
});

test.each<[string, FileSystem]>([
  [
    'a dead owner is removed under the name of the lock, not its own',
    (step, me, world) => (step.kind === 'remove' ? [[], done] : posix(step, me, world)),
  ],
  [
    'a non-empty folder can be removed',
    (step, me, world) => (step.kind === 'clear' ? [undefined, done] : posix(step, me, world)),
  ],
  [
    'a lock that is held can be replaced',
    (step, me, world) => (step.kind === 'place' ? [[me], done] : posix(step, me, world)),
  ],
])('the same search finds two owners if %s', (_, files) => {
  expect(() => explore(3, files, requireOneOwner)).toThrow('own it at once');
});

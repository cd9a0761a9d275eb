import { expect, test } from 'vitest';
import { type LockAnswer, type LockStep, release, take } from './lock-protocol.ts';

/** What a process is doing; the steps of `taking` and `releasing` are still to be taken. */
type Doing = 'taking' | 'holding' | 'releasing' | 'refused' | 'gone' | 'dead';

interface Contender {
  readonly name: string;
  readonly doing: Doing;
  /** What its steps were answered since it began to take or to release: they say where it is. */
  readonly answers: readonly LockAnswer[];
}

interface World {
  /** The names in the lock's folder; undefined where there is no folder. */
  readonly folder: readonly string[] | undefined;
  readonly contenders: readonly Contender[];
}

/** How the steps work on the files of a model. */
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

/** Where a contender is in its protocol: its next step, or what its protocol came to. */
function positionOf({ name, doing, answers }: Contender): IteratorResult<LockStep, string | undefined> {
  const steps = doing === 'releasing' ? release(name) : take();
  let next: IteratorResult<LockStep, string | undefined> = steps.next();
  for (const answer of answers) next = steps.next(answer);
  return next;
}

/** Everything that one contender may do next, its death included. */
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

/** Two that take over from a dead one and one that comes late are the least that can go wrong. */
const contenders = 4;

/** Every state that contenders can reach, in whatever order they take their steps and whenever they die. */
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

/** Somebody who comes now, while the others stand still, gets the lock or is told a live process that has it. */
function requireAnswerForNewcomer(world: World): void {
  const steps = take();
  let { folder } = world;
  let next = steps.next();
  for (let step = 0; next.done !== true; step++) {
    if (step > 10) throw new Error(`a newcomer waits for nobody at ${JSON.stringify(world)}`);
    const [after, answer] = posix(next.value, 'newcomer', { ...world, folder });
    folder = after;
    next = steps.next(answer);
  }
  if (next.value !== undefined) {
    const owner = world.contenders.find(({ name }) => name === next.value);
    expect(owner?.doing).not.toBe('dead');
  }
}

test('in no order of steps and deaths do two own a lock, or does what is left make anybody wait', () => {
  const states = explore(contenders, posix, (world) => {
    requireOneOwner(world);
    requireAnswerForNewcomer(world);
  });
  expect(states).toBeGreaterThan(40_000);
});

test.each<[string, FileSystem]>([
  [
    'a dead owner is removed by the name of the lock, not by its own',
    (step, me, world) => (step.kind === 'remove' ? [[], done] : posix(step, me, world)),
  ],
  [
    'a folder that is not empty can be removed',
    (step, me, world) => (step.kind === 'clear' ? [undefined, done] : posix(step, me, world)),
  ],
  [
    'a lock that somebody has can be replaced',
    (step, me, world) => (step.kind === 'place' ? [[me], done] : posix(step, me, world)),
  ],
])('the same search finds two owners where %s', (_, files) => {
  expect(() => explore(3, files, requireOneOwner)).toThrow('own it at once');
});

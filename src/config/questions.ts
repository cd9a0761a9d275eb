import type { Problem } from '../errors.ts';
import { freeConfigFields } from '../identity/entry.ts';
import { closest } from './closest.ts';
import type { LocatedConfigs } from './master-config.ts';
import { poolOf, type RunnerPools } from './runner-pools.ts';

/** Shorter words are similar to everything. */
const shortest = 3;

/** A problem with its position for every config whose runner is neither a pool nor a node of one. */
export function unknownRunners({ configs, locate }: LocatedConfigs, pools: RunnerPools): Problem[] {
  const known = [...pools.keys(), ...[...pools.values()].flat()];
  return [...configs].flatMap(([key, config]) => {
    if (poolOf(config.runner, pools) !== undefined) return [];
    const near = closest(config.runner, known);
    const hint =
      near === undefined ? `the pools are ${[...pools.keys()].join(', ')}` : `did you mean '${near}'?`;
    return [{ ...locate(key, ['runner']), message: `runner: no pool or node '${config.runner}'`, hint }];
  });
}

/** A question for every value that only one config uses and that resembles a value of others. */
export function likelyMisspellings({ configs, locate }: LocatedConfigs): Problem[] {
  return freeConfigFields.flatMap((field) => {
    const uses = Map.groupBy(configs, ([, config]) => config[field]);
    return [...uses].flatMap(([value, users]) => {
      const [only, ...others] = users;
      if (only === undefined || others.length > 0) return [];
      const common = [...uses].filter(([, members]) => members.length > 1).map(([name]) => name);
      // Versions such as fp4 and fp8 resemble each other but are both valid, so a different digit does not count as a typo.
      const near = closest(letters(value), common.map(letters));
      const meant = common.find((candidate) => letters(candidate) === near);
      if (meant === undefined || letters(meant) === letters(value) || letters(value).length < shortest)
        return [];
      const message = `${field}: '${value}' is used only by this config`;
      return [{ ...locate(only[0], [field]), message, hint: `did you mean '${meant}'?` }];
    });
  });
}

function letters(value: string): string {
  return value.replaceAll(/[\d.]/g, '');
}

import type { z } from 'zod';
import type { RunnerPools } from './runner-pools.ts';
import type { YamlVersion } from './yaml-positions.ts';

/** The schemas of one config, of a master config file, and of the runners file. */
export interface ContractSchemas<Config> {
  readonly config: z.ZodType<Config>;
  readonly configs: z.ZodType<Readonly<Record<string, Config>>>;
  readonly runners: z.ZodType<RunnerPools>;
}

/** A state of the public formats that files may be written in. */
export interface ConfigContract<Config> {
  /** The month that it is of; for people. */
  readonly name: string;
  /** The field of a config that no other contract has: which contract a file follows is seen from it. */
  readonly field: string;
  /** Built when they are first asked for: most commands read files of one contract. */
  readonly schemas: () => ContractSchemas<Config>;
  /** The map at the top of a runners file that no other contract has; absent if pools stand at the top. */
  readonly runnersField?: string;
  /** How texts and numbers are told apart in its files. */
  readonly yaml: YamlVersion;
}

/** What `make` returns, made when it is first asked for. */
export function onFirstUse<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

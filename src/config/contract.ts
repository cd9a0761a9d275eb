import type { z } from 'zod';
import type { RunnerPools } from './runner-pools.ts';
import type { YamlVersion } from './yaml-positions.ts';

/** The schemas of one config, of a master config file, and of the runners file. */
export interface ContractSchemas<Config> {
  readonly config: z.ZodType<Config>;
  readonly configs: z.ZodType<Readonly<Record<string, Config>>>;
  readonly runners: z.ZodType<RunnerPools>;
}

/** A version of the public file formats, such as that of August 2026. */
export interface ConfigContract<Config> {
  /** Its month, for messages. */
  readonly name: string;
  /** A config field that only this contract has, by which its files are recognised. */
  readonly field: string;
  /** Built on first use, because most commands read files of only one contract. */
  readonly schemas: () => ContractSchemas<Config>;
  /** The top-level map of a runners file that only this contract has; absent if pools are at the top level. */
  readonly runnersField?: string;
  /** How its files distinguish strings from numbers. */
  readonly yaml: YamlVersion;
}

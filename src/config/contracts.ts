import { z } from 'zod';
import { type AugustConfig, august } from './august.ts';
import { closest } from './closest.ts';
import type { ConfigContract } from './contract.ts';
import { configKey } from './form-parts.ts';
import { type JanuaryConfig, january } from './january.ts';

/** One entry of a master config. */
export type Config = JanuaryConfig | AugustConfig;
export type Contract = ConfigContract<Config>;

/** Every contract whose files are read; a file whose form says nothing is taken for the first. */
export const contracts: readonly [Contract, ...Contract[]] = [january, august];

/** The contract of a config, by the field that no other has; undefined where it has none of them. */
export function contractOf(config: unknown): Contract | undefined {
  return contracts.find(({ field }) => field in mapOf(config));
}

/** The contract that a master config file follows, as its first config shows that shows any; else by a misspelt field. */
export function contractOfFile(content: unknown): Contract {
  const configs = Object.values(mapOf(content));
  const shown = configs.map(contractOf).find((contract) => contract !== undefined);
  return shown ?? contractMeant(configs) ?? contracts[0];
}

function contractMeant(configs: readonly unknown[]): Contract | undefined {
  const written = new Set(configs.flatMap((config) => Object.keys(mapOf(config))));
  return contracts.find(({ field }) => closest(field, written) !== undefined);
}

/** The contract that a runners file follows. */
export function contractOfRunners(content: unknown): Contract {
  const file = mapOf(content);
  const shown = contracts.find(
    ({ runnersField: field }) => field !== undefined && field in file && !Array.isArray(file[field]),
  );
  return shown ?? contracts.find(({ runnersField }) => runnersField === undefined) ?? contracts[0];
}

function mapOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
}

const [first, ...others] = contracts;

/** What editors check master configs against: each config may be of any contract. */
export function masterConfigSchema() {
  return z.record(
    configKey,
    z.union([first.schemas().config, ...others.map(({ schemas }) => schemas().config)]),
  );
}

/** And runners files. */
export function runnerPoolsSchema() {
  return z.union([first.schemas().runners, ...others.map(({ schemas }) => schemas().runners)]);
}

import { z } from 'zod';
import { type AugustConfig, august } from './august.ts';
import { closest } from './closest.ts';
import type { ConfigContract } from './contract.ts';
import { configKey } from './form-parts.ts';
import { type JanuaryConfig, january } from './january.ts';

/** One entry of a master config. */
export type Config = JanuaryConfig | AugustConfig;
export type Contract = ConfigContract<Config>;

/** All supported contracts; a file whose contract cannot be recognised counts as one of the first. */
export const contracts: readonly [Contract, ...Contract[]] = [january, august];

/** The contract of a config, recognised by the field that no other contract has; undefined if it has no such field. */
export function contractOf(config: unknown): Contract | undefined {
  return contracts.find(({ field }) => field in mapOf(config));
}

/** The contract of a master config file, from the first config that shows one, or else from a misspelt field. */
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

/** The schema for editors: each config may follow any contract. */
export function masterConfigSchema() {
  return z.record(
    configKey,
    z.union([first.schemas().config, ...others.map(({ schemas }) => schemas().config)]),
  );
}

/** The same for runner pool files. */
export function runnerPoolsSchema() {
  return z.union([first.schemas().runners, ...others.map(({ schemas }) => schemas().runners)]);
}

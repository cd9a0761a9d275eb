import { z } from 'zod';
import { inOrderOfNames } from '../in-order-of-names.ts';
import { onFirstUse } from '../on-first-use.ts';
import { sha256OfText } from '../sha256.ts';
import type { Traffic, WorkloadKind } from './kind.ts';
import { type WorkloadKindName, workloadKinds } from './list.ts';
import { replaySchema } from './replay.ts';

/** The name of a workload in a config; it is part of addresses and file names. */
export const workloadName = () =>
  z
    .string()
    .regex(/^[a-z0-9][a-z0-9._-]*$/, 'expected a name of lower-case letters, digits, dots and dashes')
    .describe('Name of the workload; charts show it');

/** The kind of a scenario; undefined for the public scenarios. */
export function kindOfScenario(scenario: string | undefined): WorkloadKind<WorkloadKindName> | undefined {
  return workloadKinds.find(({ name }) => name === scenario);
}

/** A definition that matches the schema of one of the kinds, or that of a replay. */
export const trafficSchema = onFirstUse(
  (): z.ZodType<Traffic> => z.union([...workloadKinds.map(({ schema }) => schema()), replaySchema()]),
);

/**
 * The identity of a workload, such as `docs-chat@3f9a8c12d0e4`: its name, and a digest of everything that decides what
 * is sent. A path is not part of it if the digest of the file is known.
 */
export function workloadId(
  { name: kind, generator }: Pick<WorkloadKind, 'name' | 'generator'>,
  name: string,
  traffic: Traffic,
): string {
  const { 'dataset-path': path, ...rest } = traffic;
  const said = rest['dataset-sha256'] === undefined ? { ...rest, path } : rest;
  const digest = sha256OfText(JSON.stringify(inOrderOfNames({ kind, generator, ...said })));
  return `${name}@${digest.slice(0, 12)}`;
}

import { join } from 'node:path';
import { Argument, Command, Option } from 'commander';
import { z } from 'zod';
import { knownFailuresSchema } from '../../app/known-failures.ts';
import { planReportSchema } from '../../app/plan-report.ts';
import { writeFileAtomically } from '../../atomic-file.ts';
import { changelogSchema } from '../../changelog/index.ts';
import { gpuConstantsSchema, masterConfigSchema, runnerPoolsSchema } from '../../config/index.ts';
import { InputError } from '../../errors.ts';
import { poolSettingsSchema } from '../../launchers/index.ts';
import { rawResultSchema } from '../../load/result-schema.ts';
import { serveConfigSchema } from '../bench/serve-config.ts';

const schemas = {
  'master-config': { schema: masterConfigSchema(), title: 'InferenceMAX master config' },
  runners: { schema: runnerPoolsSchema(), title: 'InferenceMAX runner pools' },
  pool: { schema: poolSettingsSchema, title: 'InferenceMAX nodes of one runner pool' },
  'known-failures': {
    schema: knownFailuresSchema,
    title: 'InferenceMAX failures of engines that this site knows',
  },
  'perf-changelog': { schema: changelogSchema, title: 'InferenceMAX performance changelog' },
  gpus: { schema: gpuConstantsSchema(), title: 'InferenceMAX constants of GPUs' },
  'bench-serve': {
    schema: serveConfigSchema,
    title: 'InferenceMAX configuration file of `bench serve --config`',
  },
  'raw-result': {
    schema: rawResultSchema,
    title: 'InferenceMAX raw result, as `bench serve --save-result` writes it',
  },
  plan: { schema: planReportSchema, title: 'InferenceMAX plan, as `inferencemax plan --json` prints it' },
} as const;
type SchemaName = keyof typeof schemas;
const names = Object.keys(schemas).filter((name): name is SchemaName => Object.hasOwn(schemas, name));

/** `inferencemax schema`: prints JSON Schemas for editors, and for the output of `plan --json` and `bench serve`. */
export function command(): Command {
  return new Command('schema')
    .description(
      'Prints the JSON Schema of a YAML file, a raw result or a plan; schemas/ has a checked-in copy of each.',
    )
    .addArgument(new Argument('[name]', 'kind of file').choices(names))
    .addOption(new Option('--write <folder>', 'write all schemas to a folder'))
    .addHelpText('after', '\nExample:\n  inferencemax schema master-config')
    .action(async (name: SchemaName | undefined, options: { readonly write?: string }) => {
      if (options.write !== undefined) {
        for (const [file, text] of Object.entries(schemaFiles()))
          await writeFileAtomically(join(options.write, file), text);
        return;
      }
      if (name === undefined)
        throw new InputError('name the schema to print', `one of ${names.join(', ')}`, {
          code: 'missing-option',
        });
      process.stdout.write(jsonSchema(name));
    });
}

/** All schemas by file name. */
export function schemaFiles(): Record<string, string> {
  return Object.fromEntries(names.map((name) => [`${name}.schema.json`, jsonSchema(name)]));
}

function jsonSchema(name: SchemaName): string {
  const { schema, title } = schemas[name];
  return `${JSON.stringify({ title, ...z.toJSONSchema(schema, { io: 'input', target: 'draft-7' }) }, null, 2)}\n`;
}

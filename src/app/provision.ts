import { delimiter, dirname } from 'node:path';
import { defined } from '../defined/defined.ts';
import { engineFor } from '../engines/index.ts';
import type { Launcher } from '../launchers/index.ts';
import type { EngineSession } from '../plan/index.ts';
import {
  engineSourceKind,
  floatWeights,
  installedEngine,
  modelOnHost,
  type ProvisionContext,
  type ProvisionedEngine,
  provisionEngine,
  provisionModel,
  unseenEngine,
} from '../provision/index.ts';
import type { Artifacts, SweepNode } from '../sweep/index.ts';
import { servedBy } from './served-model.ts';
import { wantedEngine, wantedModel } from './serving-facts.ts';

/**
 * Makes a session's engine and weights available on its node. Containers and engines installed on another
 * host have their own software and download weights by repository name into the node's cache; an installed
 * engine is checked first. An external server needs nothing.
 */
export async function provision(
  session: EngineSession,
  node: SweepNode,
  context: ProvisionContext,
): Promise<Artifacts> {
  const { framework, image, model } = session;
  const wanted = wantedEngine(framework);
  if (engineSourceKind(image) === 'server') {
    const { server = '' } = await provisionEngine(image, context, wanted);
    await servedBy(server, model, context.signal);
    return {
      server,
      modelPath: model,
      provenance: { image: { reference: image, started_by_others: true }, model: { reference: model } },
    };
  }
  const { runs, installedOn } = node.launcher;
  if (runs === 'containers')
    return { modelPath: model, provenance: { image: { reference: image }, model: { reference: model } } };
  if (installedOn !== undefined) return await installedThere(session, installedOn, context);
  const engine = await provisionEngine(image, context, wanted);
  const { path, provenance } = await weightsFor(session, node, engine, context);
  return {
    // A program that was installed already comes with the tools next to it.
    ...defined({
      program: engine.program,
      engineDir: engine.program === undefined ? engine.directory : undefined,
      env: engine.program === undefined ? undefined : besideOnPath(engine.program),
    }),
    modelPath: path,
    provenance: {
      image: {
        reference: engine.reference,
        ...defined({ digest: engine.digest, version: engine.version }),
      },
      model: provenance,
    },
  };
}

/** Finds the engine that is installed on another host, and its weights if they are given as a path. */
async function installedThere(
  { framework, image, model, points }: EngineSession,
  host: NonNullable<Launcher['installedOn']>,
  { signal, onProgress }: ProvisionContext,
): Promise<Artifacts> {
  const wanted = wantedEngine(framework);
  const where = host.destination ?? 'its host';
  const program = unseenEngine(image, wanted).program ?? wanted.program;
  onProgress({ reference: image, phase: `looking for it on ${where}` });
  const looked = { reference: image, where, packages: wanted.packages, signal };
  const found = program === undefined ? undefined : await installedEngine(program, host, looked);
  const weights = model.startsWith('/')
    ? await modelOnHost(model, host, {
        where,
        signal,
        ...wantedModel({ framework, ...points[0]?.entry }),
      })
    : { reference: model };
  return {
    ...defined({
      program: found?.program,
      env: found === undefined ? undefined : { PATH: found.searchPath },
    }),
    modelPath: model,
    provenance: {
      image: { reference: image, ...defined({ digest: found?.digest, version: found?.version }) },
      model: { ...weights },
    },
  };
}

/**
 * Puts the program's folder on the PATH: engines look there for tools such as ninja, which compiles kernels.
 */
function besideOnPath(program: string): Record<string, string> {
  return { PATH: [dirname(program), process.env.PATH].filter((part) => part !== undefined).join(delimiter) };
}

/** Provisions the weights of a session in the form that its engine reads, with their provenance. */
async function weightsFor(
  session: EngineSession,
  node: SweepNode,
  engine: ProvisionedEngine,
  context: ProvisionContext,
) {
  const { framework, model: reference, points } = session;
  const entry = points[0]?.entry;
  const wanted = wantedModel({ framework, ...entry }, node.env.HF_HUB_CACHE);
  const fetched = await provisionModel(reference, context, wanted);
  const converts = engineFor(framework).weights === 'hugging-face' && fetched.path.endsWith('.gguf');
  const model = converts ? await floatWeights(fetched, entry?.precision ?? '', engine, context) : fetched;
  const provenance = {
    reference: model.reference,
    sha256: model.sha256,
    bytes: model.bytes,
    ...defined({
      revision: model.revision,
      content_sha256: model.contentSha256,
      converted_from_sha256: converts ? fetched.sha256 : undefined,
      made_up: wanted.dummy === true ? true : undefined,
    }),
  };
  return { path: model.path, provenance };
}

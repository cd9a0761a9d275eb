import { type EngineStep, engineFor } from '../../engines/index.ts';
import type { TextFile } from '../../hosts/index.ts';
import type { EngineSession } from '../../plan/index.ts';

/** Where the engine is asked in printed commands; a launcher chooses its own. */
const host = '127.0.0.1';
const port = 8888;

/** Stand for what provisioning finds only when it runs. */
const provisionedEngine = '$ENGINE_DIR';
const provisionedModel = '$MODEL_PATH';

/** What is started for a session: one process, or the steps of a disaggregated engine. */
export type SessionCommand =
  | {
      readonly kind: 'process';
      readonly argv: readonly string[];
      readonly env: Readonly<Record<string, string>>;
      readonly files: readonly TextFile[];
    }
  | { readonly kind: 'steps'; readonly files: readonly TextFile[]; readonly steps: readonly EngineStep[] };

/** The exact command of a session, as its engine is told it on the node. */
export function sessionCommand({ framework, image, model, server }: EngineSession): SessionCommand {
  const engine = engineFor(framework);
  const provisioned = /^(?:npm|pypi):/.test(image);
  const request = {
    ...(provisioned ? { engineDir: provisionedEngine } : {}),
    modelPath: provisioned ? provisionedModel : model,
    servedModelName: model,
    host,
    port,
  };
  if (server.disaggregated !== undefined && engine.steps !== undefined) {
    const steps = engine.steps({ ...request, server });
    const files = [
      ...server.files,
      ...server.disaggregated.workers.flatMap((worker) => worker.files),
      ...steps.flatMap((step) => step.files ?? []),
    ];
    return {
      kind: 'steps',
      files,
      steps: steps.map(({ files: _, ...step }) => ({ ...step, env: { ...step.env, ...server.env } })),
    };
  }
  const { argv, env } = engine.command({ ...request, args: server.args });
  return { kind: 'process', argv, env: { ...env, ...server.env }, files: server.files };
}

/** A command line that a shell reads back as the same words: for reading and pasting, never run by us. */
export function quoted(words: readonly string[], env: Readonly<Record<string, string>> = {}): string {
  const variables = Object.entries(env).map(([name, value]) => `${name}=${quotedWord(value)}`);
  return [...variables, ...words.map(quotedWord)].join(' ');
}

function quotedWord(word: string): string {
  if (word.includes(provisionedEngine) || word.includes(provisionedModel)) return `"${word}"`;
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

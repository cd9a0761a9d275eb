import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { writeFileAtomically } from '../atomic-file.ts';
import { type Fault, InputError } from '../errors.ts';
import { sha256OfFile } from '../file-digest.ts';
import { precisions } from '../identity/index.ts';
import { lock } from '../process/lock.ts';
import { run } from '../process/run.ts';
import { requireSpace } from './disk-space.ts';
import { folderBytes } from './folder-bytes.ts';
import type { ProvisionContext, ProvisionedEngine, ProvisionedModel } from './provision.ts';
import { slug } from './slug.ts';
import { withStaging } from './staging.ts';

/** Explains why the weights of a GGUF file cannot be converted to a precision; undefined if they can. */
export function floatPrecisionFault(precision: string): Fault | undefined {
  return precisions.get(precision)?.torchType === undefined ? cannotBeConverted(precision) : undefined;
}

function cannotBeConverted(precision: string): Fault {
  const wide = [...precisions].flatMap(([name, { torchType }]) => (torchType === undefined ? [] : [name]));
  return {
    message: `weights of a GGUF file cannot be converted to precision '${precision}'`,
    hint: `this engine reads ${wide.join(', ')}`,
  };
}

/** A float is at most this many times as large as a quantised weight. */
const growthAtMost = 8;

/** Runs in the engine's Python, which has transformers. */
const program = `
import sys, torch
from transformers import AutoModelForCausalLM, AutoTokenizer, GgufConfig
folder, file, dtype, out = sys.argv[1:]
model = AutoModelForCausalLM.from_pretrained(
    folder, gguf_file=file, dtype=getattr(torch, dtype), quantization_config=GgufConfig(dequantize=True))
model.save_pretrained(out)
AutoTokenizer.from_pretrained(folder, gguf_file=file).save_pretrained(out)
`;

const manifest = z.object({ sha256: z.string(), bytes: z.int() });
const manifestFile = 'inferencemax.json';
const weightsFile = 'model.safetensors';

/**
 * Converts the weights of a GGUF file, once, to floats in a folder that transformers and vLLM can read, using the
 * engine's Python. The values remain those of the quantised file.
 */
export async function floatWeights(
  gguf: ProvisionedModel,
  precision: string,
  engine: ProvisionedEngine,
  context: ProvisionContext,
): Promise<ProvisionedModel> {
  const dtype = precisions.get(precision)?.torchType;
  if (dtype === undefined)
    throw new InputError([cannotBeConverted(precision)], undefined, { code: 'model-unavailable' });
  const { reference } = gguf;
  const how = createHash('sha256')
    .update(JSON.stringify([gguf.sha256, dtype, program]))
    .digest('hex')
    .slice(0, 8);
  const folder = join(context.cacheDir, 'models', `${slug(reference)}-${precision}-${how}`);
  const release = await lock(`${folder}.lock`, {
    signal: context.signal,
    onWait: ({ pid }) =>
      context.onProgress({ reference, phase: `waiting for process ${pid}, which converts it` }),
  });
  try {
    const { directory } = engine;
    if (directory === undefined)
      throw new InputError(
        `weights of a GGUF file are converted by the engine's own Python, and nothing says where that of '${engine.reference}' is`,
        'name a folder in Hugging Face layout as the model, or the engine by path:FOLDER',
        { code: 'model-unavailable' },
      );
    const cached = await readManifest(folder);
    if (cached !== undefined) return { path: folder, reference, ...cached };
    await requireSpace(context.cacheDir, `${reference} as ${dtype}`, growthAtMost * gguf.bytes);
    context.onProgress({ reference, phase: `converting to ${dtype}` });
    const converted = await withStaging(context.cacheDir, async (staging) => {
      const [source, out] = [join(gguf.path, '..'), join(staging, 'converted')];
      const python = join(directory, 'bin', 'python');
      await run([python, '-c', program, source, gguf.path.slice(source.length + 1), dtype, out], {
        signal: context.signal,
        env: { HF_HUB_OFFLINE: '1', TRANSFORMERS_VERBOSITY: 'error' },
      });
      const sha256 = await sha256OfFile(join(out, weightsFile), context.signal);
      const written = { sha256, bytes: await folderBytes(out) };
      await writeFileAtomically(
        join(out, manifestFile),
        `${JSON.stringify({ reference, dtype, ...written }, null, 2)}\n`,
      );
      await rm(folder, { recursive: true, force: true });
      await mkdir(join(context.cacheDir, 'models'), { recursive: true });
      await rename(out, folder);
      return written;
    });
    return { path: folder, reference, ...converted };
  } finally {
    await release();
  }
}

async function readManifest(folder: string): Promise<z.infer<typeof manifest> | undefined> {
  const text = await readFile(join(folder, manifestFile), 'utf8').catch(() => undefined);
  const weights = await stat(join(folder, weightsFile)).catch(() => undefined);
  return text === undefined || weights === undefined ? undefined : manifest.parse(JSON.parse(text));
}

import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** What a user's machine has for a first measurement. */
export interface OwnGpu {
  /** A virtual environment with vLLM. */
  readonly venv: string;
  /** A folder of weights in Hugging Face layout. */
  readonly model: string;
  /** A folder for the PATH with the GPU driver's tools. */
  readonly tools: string;
}

/** The config.json of a model with 8 billion parameters; there are no weights for it. */
export const llamaConfig = {
  architectures: ['LlamaForCausalLM'],
  hidden_size: 4096,
  intermediate_size: 14_336,
  max_position_embeddings: 8192,
  num_attention_heads: 32,
  num_hidden_layers: 32,
  num_key_value_heads: 8,
  torch_dtype: 'bfloat16',
  vocab_size: 128_256,
};

/** Creates a fake vLLM, weights and one fake H100 below a folder. */
export async function ownGpu(folder: string): Promise<OwnGpu> {
  const venv = join(folder, 'venv');
  const info = join(venv, 'lib', 'python3.12', 'site-packages', 'vllm-0.24.0.dist-info');
  await mkdir(info, { recursive: true });
  await writeFile(join(info, 'METADATA'), 'Name: vllm\nVersion: 0.24.0\n');
  await mkdir(join(venv, 'bin'));
  const server = join(import.meta.dirname, 'vllm-server.js');
  await executable(
    join(venv, 'bin', 'vllm'),
    `command -v ninja > /dev/null || { echo 'ninja, which is installed beside it, is not on the PATH' >&2; exit 1; }
exec '${process.execPath}' '${server}' "$@"`,
  );
  await executable(join(venv, 'bin', 'ninja'), 'exit 0');
  const model = join(folder, 'models', 'Llama-8B');
  await modelFolder(model);
  const tools = join(folder, 'tools');
  await mkdir(tools);
  await executable(join(tools, 'nvidia-smi'), nvidiaSmi);
  return { venv, model, tools };
}

/** A complete model of two shards, which are almost empty. */
export async function modelFolder(path: string): Promise<void> {
  const shards = ['model-00001-of-00002.safetensors', 'model-00002-of-00002.safetensors'];
  await mkdir(path, { recursive: true });
  await writeFile(join(path, 'config.json'), JSON.stringify(llamaConfig));
  await writeFile(join(path, 'tokenizer.json'), '{}');
  const weight_map = Object.fromEntries(shards.map((shard, layer) => [`layers.${layer}.weight`, shard]));
  await writeFile(join(path, 'model.safetensors.index.json'), JSON.stringify({ weight_map }));
  for (const shard of shards) await writeFile(join(path, shard), 'x'.repeat(2000));
}

/** A fake nvidia-smi for one idle H100. */
const nvidiaSmi = `case "$1" in
  --query-gpu=index,name,*) echo "0, NVIDIA H100 80GB HBM3, 81559, 580.159.04" ;;
  --query-gpu=index,memory.used,memory.total*) echo "0, 4, 81559" ;;
  --query-gpu=index,power.draw,*) echo "0, 431.0, 98, 70000, 1980, 55" ;;
  --query-compute-apps=*) ;;
  *) echo "unexpected: $*" >&2; exit 1 ;;
esac`;

async function executable(path: string, script: string): Promise<void> {
  await writeFile(path, `#!/bin/sh\n${script}\n`);
  await chmod(path, 0o755);
}

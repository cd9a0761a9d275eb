import { expect, test } from 'vitest';
import { allocationArgv, engineArgv, importArgv } from './argv.ts';
import { type SlurmSettings, slurmSettings } from './settings.ts';

function settings(changes: Record<string, unknown> = {}): SlurmSettings {
  return slurmSettings.parse({ ...changes });
}

const request = {
  sessionId: 's',
  image: 'nvcr.io#nvidia/tensorrt-llm/release:1.2.0rc2',
  acceleratorCount: 8,
  nodeCount: 1,
  workDir: '/runs/s',
};
const step = { jobId: 12, name: 'engine-1-engine', nodes: ['n1'], tasksPerNode: 1 };

test('an allocation requests the session’s GPUs, exclusively and with a time limit', () => {
  const h200 = settings({
    partition: 'main',
    account: 'bench',
    accelerator: 'nvidia',
    'salloc-args': ['--mem=0'],
  });
  expect(allocationArgv(h200, request, 'inferencemax-token')).toEqual([
    'salloc',
    '--no-shell',
    '--job-name=inferencemax-token',
    '--nodes=1',
    '--time=180',
    '--chdir=/runs/s',
    '--partition=main',
    '--account=bench',
    '--gres=gpu:8',
    '--exclusive',
    '--mem=0',
  ]);
});

test('an engine runs in its imported image, with the session folder and the weights mounted', () => {
  const h200 = settings({
    'squash-dir': '/squash',
    'hf-hub-cache': '/hf',
    mounts: ['/data:/data:ro'],
    'srun-args': ['--container-writable'],
  });
  expect(engineArgv(h200, { ...step, mpi: true }, request, ['trtllm-serve', 'a model'])).toEqual([
    'srun',
    '--jobid=12',
    '--job-name=engine-1-engine',
    '--overlap',
    '--nodes=1',
    '--nodelist=n1',
    '--ntasks=1',
    '--ntasks-per-node=1',
    '--kill-on-bad-exit=1',
    '--unbuffered',
    '--export=ALL',
    '--container-image=/squash/nvcr.io_nvidia_tensorrt-llm_release_1.2.0rc2.sqsh',
    '--container-mounts=/runs/s:/workspace,/hf:/hf,/data:/data:ro',
    '--container-workdir=/workspace',
    '--no-container-entrypoint',
    '--no-container-mount-home',
    '--mpi=pmix',
    '--container-writable',
    'trtllm-serve',
    'a model',
  ]);
});

test('without an image folder, pyxis gets the image name; without containers, the command runs directly', () => {
  expect(engineArgv(settings(), step, request, ['x'])).toContain(
    '--container-image=nvcr.io#nvidia/tensorrt-llm/release:1.2.0rc2',
  );
  expect(engineArgv(settings({ container: 'none' }), step, request, ['x']).join(' ')).not.toContain(
    '--container',
  );
});

test('the import script gets the image and the file as arguments, not as shell text', () => {
  const argv = importArgv(step, 'vllm/vllm-openai:v1', '/squash/$(x).sqsh', 60);
  expect(argv.slice(-4)).toEqual(['import-image', '/squash/$(x).sqsh', 'vllm/vllm-openai:v1', '60']);
  expect(argv.join(' ')).not.toMatch(/enroot import [^$]*vllm-openai/);
});

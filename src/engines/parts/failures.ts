import { memoryWords } from '../../failures/index.ts';

/** A well-known way for an engine to end, as its log shows it, and what to do about it. */
export interface KnownFailure {
  readonly pattern: RegExp;
  readonly meaning: string;
}

/** What any engine on PyTorch can end of; the first match, so causes come before their consequences. */
const knownFailures: readonly KnownFailure[] = [
  {
    pattern: memoryWords.accelerator,
    meaning: 'out of GPU memory: lower the memory fraction, the batch or the length caps, or use more GPUs',
  },
  {
    pattern:
      /No available memory for the cache blocks|larger than the (?:maximum|available) .*KV cache|Not enough memory.*KV|is larger than the maximum number of tokens that can be stored in KV cache/i,
    meaning: 'the weights leave no room for the KV cache: raise the memory fraction or use more GPUs',
  },
  {
    pattern: memoryWords.machine,
    meaning: 'out of host memory',
  },
  {
    pattern: /No space left on device|Errno 28\b/,
    meaning: 'a disk is full; /dev/shm counts as one (--shm-size)',
  },
  {
    pattern: /GatedRepoError|401 Client Error|403 Client Error|is a gated repo/,
    meaning: 'the model is not readable with this token: accept its licence, and set HF_TOKEN',
  },
  {
    pattern:
      /RepositoryNotFoundError|LocalEntryNotFoundError|does not appear to have a file named|is not a (?:local folder|valid model identifier)|Can't load (?:the )?(?:tokenizer|configuration|model)|No such file or directory: '[^']*(?:safetensors|config\.json|tokenizer[^']*)'|OfflineModeIsEnabled/,
    meaning: 'the weights are missing: check the model name and the cache that is mounted',
  },
  {
    pattern: /Address already in use|EADDRINUSE|Errno 98\b/,
    meaning: 'the port is in use by another process',
  },
  {
    pattern:
      /no kernel image is available|not compiled with CUDA|CUDA driver version is insufficient|invalid device function/,
    meaning: 'the image does not fit this GPU or its driver',
  },
  {
    pattern:
      /No CUDA GPUs are available|no HIP GPUs are available|Found no NVIDIA driver|libcuda\.so\.1: cannot open/i,
    meaning: 'the engine sees no GPU: check the container runtime and the devices given to it',
  },
  {
    pattern: /NCCL error|ncclSystemError|ncclUnhandledCudaError|ncclInternalError|RCCL error/,
    meaning: 'the GPUs could not talk to each other (NCCL or RCCL)',
  },
  {
    pattern:
      /an illegal memory access was encountered|CUDA error: device-side assert|HSA_STATUS_ERROR|Memory access fault by GPU|uncorrectable ECC/,
    meaning: 'a kernel or the GPU itself failed',
  },
  {
    pattern:
      /unrecognized arguments?:|No such option|error: argument |Extra inputs are not permitted|got an unexpected keyword argument/,
    meaning: 'this version of the engine does not know a flag of the recipe',
  },
];

/** What the end of an engine's log says about why it ended: the meaning, and the line that shows it. */
export function explainFailure(logTail: string, own: readonly KnownFailure[] = []): string | undefined {
  const lines = logTail.split('\n');
  for (const { pattern, meaning } of [...own, ...knownFailures]) {
    const line = lines.findLast((candidate) => pattern.test(candidate));
    if (line !== undefined) return `${meaning} (${shortened(line.trim())})`;
  }
  return undefined;
}

const maxLineLength = 200;
function shortened(line: string): string {
  return line.length <= maxLineLength ? line : `${line.slice(0, maxLineLength)}…`;
}

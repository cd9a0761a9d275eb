import type { KnownFailure } from './row.ts';

/** Too little memory on accelerators or on the host. */
export const memory: readonly KnownFailure[] = [
  {
    pattern:
      /Free memory on device .* is less than desired GPU memory utilization|Error in memory profiling|The memory capacity is unbalanced|all CUDA-capable devices are busy or unavailable|hipErrorDeviceBusy/i,
    meaning: 'another process on this node uses GPU memory',
    todo: 'stop the processes that use the GPUs (see nvidia-smi or amd-smi), or wait until they exit',
    failureClass: 'node-busy',
  },
  {
    pattern:
      /(?:captur\w+ (?:of )?(?:the )?cuda ?graph|cuda ?graph captur\w+).*(?:out of memory|not enough memory)/i,
    meaning: 'not enough GPU memory for CUDA graphs',
    todo: 'lower the memory fraction or the largest captured batch size, or use more GPUs',
    failureClass: 'gpu-memory',
  },
  {
    pattern:
      /No available memory for the cache blocks|larger than the (?:maximum|available) .*KV cache|Not enough memory.*KV|is larger than the maximum number of tokens that can be stored in KV cache|To serve at least one request with the model.{0,3} max seq len|Not enough memory\. Please try (?:to increase|increasing)|mem[-_]fraction[-_]static.*(?:too small|not enough)|(?:no|not) enough (?:GPU )?memory (?:is )?(?:left )?for (?:the )?kv ?cache|KV cache .*(?:is too small|not enough|insufficient)|max_num_tokens.*exceeds.*kv ?cache|Maximum (?:input|sequence) length .*exceeds .*kv ?cache|Impossible to fit (?:in )?any sequence in kv ?cache/i,
    meaning: 'the weights leave no memory for the KV cache',
    todo: 'raise the memory fraction, lower the maximum length, or use more GPUs',
    failureClass: 'gpu-memory',
  },
  {
    pattern: /too large for the available VRAM/i,
    meaning: 'the contexts of all sequences exceed the GPU memory',
    todo: 'lower the context size or the number of sequences',
    failureClass: 'gpu-memory',
  },
  {
    pattern:
      /failed to allocate buffer (?:of size|for kv)|unable to allocate \S+ buffer|ggml_\w*alloc\w*: (?:failed|not enough)|failed to (?:initialize|create) the context: failed to allocate|insufficient memory \(attempted to allocate|Failed to allocate memory for \S+ with size|increase the workspace buffer size/i,
    meaning:
      'there is not enough memory to allocate a buffer: a KV cache of that context, the weights, or a workspace',
    todo: 'lower the context size or the number of sequences, or use a smaller quantization',
    failureClass: 'gpu-memory',
  },
  {
    pattern:
      /torch(?:\.cuda)?\.OutOfMemoryError|CUDA out of memory|CUDA error:? ?(?:\d+ )?\(?out of memory|CUDA (?:runtime )?error.*out of memory|HIP out of memory|HIP error:? out of memory|cudaErrorMemoryAllocation|CUDA_ERROR_OUT_OF_MEMORY|hipErrorOutOfMemory|hipErrorMemoryAllocation|HSA_STATUS_ERROR_OUT_OF_RESOURCES|Cuda failure (?:\d+ )?'?out of memory|(?:cudaMalloc|hipMalloc|cuMem\w+)\b.*out of memory|CU[A-Z]+_STATUS_ALLOC_FAILED|insufficient GPU memory|OutOfDeviceMemory|XLA.*RESOURCE_EXHAUSTED/i,
    meaning: 'out of GPU memory: the recipe does not fit its GPUs',
    todo: 'lower the memory fraction, the batch size or the maximum length, or use more GPUs',
    failureClass: 'gpu-memory',
  },
  {
    pattern: /setting rlimits?\b.*operation not permitted|error setting rlimit type/i,
    meaning: "docker on the node is not allowed to raise the containers' limits (ulimits)",
    todo: 'set ulimits: [] of the pool, or allow the daemon to raise them (LimitMEMLOCK=infinity in its service)',
    failureClass: 'node-unfit',
  },
  {
    pattern:
      /ibv_\w*reg_\w*mr\w*\b.*(?:Cannot allocate memory|failed)|(?:RLIMIT_MEMLOCK|memlock|max locked memory|locked memory).*(?:too (?:low|small)|limit|exceed|fail)|Failed to (?:pin|register) (?:memory|host).*(?:Cannot allocate|ENOMEM)/i,
    meaning: 'the limit on locked memory (ulimit -l) is too low for RDMA',
    todo: 'set memlock to unlimited: --ulimit memlock=-1 in docker, limits.conf and PropagateResourceLimits in Slurm',
    failureClass: 'node-unfit',
  },
  {
    pattern:
      /(?:^|[^.\w])(?:_Array)?MemoryError\b|Cannot allocate memory|Errno 12\b|std::bad_alloc|oom[-_]kill|OOMKilled|Out of memory: Killed|task \d+.*: Out Of Memory|Memory cgroup out of memory|DefaultCPUAllocator: (?:can't|not enough)|unable to mmap \d+ bytes|JavaScript heap out of memory|Reached heap limit|node running low on memory|Exceeded job memory limit|Exceeded step memory limit/i,
    meaning: 'out of host memory',
    todo: 'give the job more memory (--mem in Slurm), load with fewer processes, or use nodes with more memory',
    failureClass: 'out-of-memory',
  },
];

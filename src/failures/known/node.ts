import { hiddenUnlessBroken } from './hidden.ts';
import type { KnownFailure } from './row.ts';

/**
 * Xid errors of the NVIDIA driver that are caused by software, not by a fault of the GPU: 8, 13, 31, 32, 43, 45, 68 and
 * 69.
 */
const softwareXid = new Set([8, 13, 31, 32, 43, 45, 68, 69]);

/** Faults of a node's hardware, driver, disk or mounts. */
export const node: readonly KnownFailure[] = [
  {
    pattern:
      /uncorrectable ECC|ECC (?:error|page retirement)|double[- ]bit ECC|CUDA_ERROR_ECC|cudaErrorECC|row[- ]remap\w* (?:failure|failed|pending)|(?:RAS|HBM|UMC)\b.*uncorrectable|poison consumption|uncorrectable hardware errors/i,
    meaning: 'GPU memory is faulty (uncorrectable ECC error)',
    todo: 'reset the GPU or reboot the node; if it recurs, replace the GPU',
    failureClass: 'node-broken',
  },
  {
    pattern: /\bXid\s*(?:\([^)]*\))?\s*:?\s*(?<xid>\d+)\b/i,
    meaning: 'the driver reported an Xid error of a GPU',
    todo: 'look up the number in NVIDIA’s list of Xid errors; for a hardware error reset the GPU or reboot the node',
    failureClass: (line) => (softwareXid.has(Number(line.groups?.xid)) ? 'engine-died' : 'node-broken'),
  },
  {
    pattern:
      /GPU is lost|fallen off the bus|Unable to determine the device handle|GPU (?:requires|needs) (?:a )?reset|GPU at PCI:\S+ .*lost|Reboot the system to recover|GPU_IS_LOST|device.{0,20}lost.{0,40}(?:reset|reboot)|amdgpu.*(?:GPU reset|ring \w+ timeout|device lost)|hipErrorNoDevice.*lost/i,
    meaning: 'a GPU of the node is lost: it has fallen off the bus or needs a reset',
    todo: 'reboot the node; if it recurs, have the GPU and its slot checked',
    failureClass: 'node-broken',
  },
  {
    pattern:
      /Error 802\b|system not yet initialized|SYSTEM_NOT_READY|cudaErrorSystemNotReady|fabric ?manager.{0,60}(?:not|fail|error|mismatch|stopped)|NV(?:Switch|Link|LINK)\b.{0,60}(?:uncorrectable|fatal|down|inactive|not (?:ready|initiali[sz]ed))|uncorrectable NVLink|\bxgmi\b.{0,40}(?:down|error|fail)|cudaErrorNvlinkUncorrectable|NVLINK_UNCORRECTABLE/i,
    meaning:
      'the links between GPUs (NVLink, NVSwitch or XGMI) do not work on the node: the fabric manager does not run, or not in the version of the driver, or a link is broken',
    todo: 'systemctl restart nvidia-fabricmanager; its version must match the driver; then nvidia-smi -q -d FABRIC or nvidia-smi nvlink -s',
    failureClass: 'node-broken',
  },
  {
    pattern: /\bIMEX\b|imex-channels|mnnvl\S*.{0,40}(?:Cuda failure|not permitted|not supported)/,
    meaning: 'the GPUs of these nodes cannot share memory over NVLink: IMEX is not set up',
    todo: 'check nvidia-imex-ctl -N on the nodes, and pass /dev/nvidia-caps-imex-channels to the container',
    failureClass: 'node-unfit',
  },
  {
    pattern:
      /peer access is not supported|peer (?:access|mapping) .{0,40}(?:not (?:supported|available)|failed)/i,
    meaning: 'GPUs of the node cannot read each other’s memory (peer access)',
    todo: 'check nvidia-smi topo -p2p r on the node; turn off IOMMU and ACS there, or custom all-reduce in the recipe',
    failureClass: 'node-unfit',
  },
  {
    pattern:
      /nvidia-container-cli: device error: .*unknown device|no such device: (?:nvidia\.com|amd\.com)\/gpu/i,
    meaning: 'docker was asked for a GPU that the node does not have',
    todo: 'compare the GPUs that the pool or recipe names (--gpus, NVIDIA_VISIBLE_DEVICES) with nvidia-smi -L on the node',
    failureClass: hiddenUnlessBroken,
  },
  {
    pattern:
      /driver\/library version mismatch|Failed to initialize NVML|nvml error|NVML_ERROR|nvidia-smi has failed|couldn't communicate with the NVIDIA driver|ROCk module is NOT loaded|amdgpu (?:driver|module).{0,30}not (?:loaded|found|initialized)|CUDA(?: driver)? (?:error: )?unknown error|nvidia-container-cli: (?:initialization|detection|device|ldcache) error|kernel module .{0,40}not loaded/i,
    meaning:
      'the driver of the node does not work: it was updated and the node not rebooted, or its module is not loaded (driver version mismatch)',
    todo: 'reboot the node, or load the driver’s module again',
    failureClass: 'node-broken',
  },
  {
    pattern:
      /\/dev\/(?:kfd|dri|nvidia\S*|infiniband)\b.*(?:Permission denied|Operation not permitted)|not (?:a )?member of (?:the )?["']?(?:render|video)/i,
    meaning:
      'the engine sees no GPU: it is not permitted to open its device (/dev/kfd and the group render, or /dev/nvidia*)',
    todo: 'check the device permissions on the node, and add the groups video and render to the container',
    failureClass: 'node-broken',
  },
  {
    pattern:
      /\/dev\/(?:kfd|dri|nvidia\S*|infiniband)\b.*(?:No such file|cannot|Unable)|Unable to open \/dev\/(?:kfd|dri)/i,
    meaning: 'the engine sees no GPU: its device is missing (/dev/kfd, /dev/dri or /dev/nvidia*)',
    todo: 'pass the devices to the container (--device), and check that the node has them',
    failureClass: hiddenUnlessBroken,
  },
  {
    pattern:
      /could not select device driver|unknown or invalid runtime name|nvidia-container-runtime.*(?:not found|no such file)|nvidia-container-cli: .*(?:not found|error)|failed to inject CDI|unresolvable CDI|CDI device.*(?:not|unresolv)|runtime .{0,20}nvidia.{0,20} not (?:found|known)/i,
    meaning:
      'docker on the node cannot give containers its GPUs: the container toolkit, its runtime, or the driver beneath is missing',
    todo: 'install nvidia-container-toolkit there, then: nvidia-ctk runtime configure --runtime=docker, and restart docker',
    failureClass: 'node-broken',
  },
  {
    pattern:
      /No CUDA GPUs are available|CUDA driver initialization failed, you might not have|no HIP GPUs are available|Found no NVIDIA driver|no (?:CUDA|ROCm)-capable device|(?:cuda|hip)ErrorNoDevice|CUDA_ERROR_NO_DEVICE|Failed to infer device type|No (?:devices|GPUs?|accelerators?) (?:were |was )?(?:found|detected|available|visible)|(?:CUDA|GPU|HIP|ROCm) (?:is|are) not available|Can't find (?:any )?(?:NVIDIA|AMD) GPU|agent list is empty|HSA_STATUS_ERROR_NO_AGENT/i,
    meaning: 'the engine sees no GPU',
    todo: 'check whether the recipe or pool hides them (CUDA_VISIBLE_DEVICES, --gpus, --device) and whether the image is for this vendor; nvidia-smi or amd-smi on the node shows whether it has lost them',
    failureClass: hiddenUnlessBroken,
  },
  {
    pattern:
      /(?:shared memory segment|\/dev\/shm|shm_open|shmget|ftruncate|torch_\w+_shm|shared memory).*No space left|No space left.*(?:\/dev\/shm|shared memory|shmem|['"</](?:psm_|sem\.|torch_\d|nccl-))|(?:insufficient|out of|not enough) shared memory|unable to (?:open|write|allocate) (?:to )?(?:file|shared memory)[^.]*(?:\/dev\/shm|\bshm\b)|\/dev\/shm.*(?:full|too small)/i,
    meaning: '/dev/shm is full of segments of killed engines, or too small',
    todo: 'delete unused files in /dev/shm of the node; if containers have their own, raise --shm-size',
    failureClass: 'node-broken',
  },
  {
    pattern: /Bus error|SIGBUS|DataLoader worker .* killed by signal: Bus/,
    meaning: 'a write to shared memory failed: /dev/shm is too small or full',
    todo: 'check df /dev/shm on the node: delete leftover files, or raise --shm-size',
    failureClass: 'node-unfit',
  },
  {
    pattern:
      /(?:create|clone|unshare)\w*\b.*user namespace|user namespace.*(?:No space|not permitted|denied|disabled)|max_user_namespaces|unprivileged_userns|(?:clone|unshare)\(?.*CLONE_NEWUSER/i,
    meaning: 'the container could not be started: the node allows no (more) user namespaces',
    todo: 'raise user.max_user_namespaces there, and allow unprivileged ones (sysctl)',
    failureClass: 'node-broken',
  },
  {
    pattern:
      /No space left on device|Errno 28\b|ENOSPC|not enough (?:free )?(?:disk )?space|no room for the image|disk is full|Insufficient disk space/i,
    meaning: 'a disk of the node is full: no space left',
    todo: 'free some space (docker system prune, old weights); df -h on the node shows which disk it is',
    failureClass: 'node-broken',
  },
  {
    pattern:
      /Errno 5\b|Input\/output error|\bEIO\b|Stale (?:NFS )?file handle|Errno 116\b|Transport endpoint is not connected|Errno 107\b|Remote I\/O error|Errno 121\b|Structure needs cleaning|Host is down|Errno 112\b|(?:nvme|sd[a-z]|md)\d*\S*:? .*I\/O error|Lustre.*(?:evicted|error)/i,
    meaning: 'a disk or mount of the node cannot be read',
    todo: 'mount it again or have the disk checked (dmesg on the node says which)',
    failureClass: 'node-broken',
  },
  {
    pattern:
      /Cannot connect to the Docker daemon|Is the docker daemon running|containerd.*(?:not running|connection refused)|cgroup.{0,40}(?:no such|cannot|failed to (?:create|apply))/i,
    meaning: 'docker does not run, or does not work, on the node',
    todo: 'systemctl status docker containerd on the node',
    failureClass: 'node-broken',
  },
  {
    pattern:
      /\bBus error\b|Too many open files|Errno 24\b|EMFILE|can't start new thread|pthread_create failed|Resource temporarily unavailable|Errno 11\b.*(?:fork|thread)|fork: retry|max_map_count|vm\.overcommit/i,
    meaning: 'a limit of the node is too low: of open files, of processes and threads, or of memory maps',
    todo: 'raise it for the engine’s user or container (ulimit -n, ulimit -u, pids limit)',
    failureClass: 'node-unfit',
  },
  {
    pattern:
      /error mounting|bind source path does not exist|failed to mount|invalid mount config|mount(?:ing)? .* (?:no such file|does not exist)|enroot-mount/i,
    meaning:
      'the container could not be started: a path that the pool mounts is missing on the node or cannot be mounted',
    todo: 'check mounts in the pool’s file and the mounted file systems of the node',
    failureClass: 'node-unfit',
  },
  {
    pattern:
      /No such file or directory: ["'][^"']*\.(?:safetensors|gguf|bin|pt|pth|json|model|tiktoken|csv)["']|FileNotFoundError.*(?:safetensors|model|tokenizer|config\.json|shard)|missing (?:shard|safetensors)|Error while deserializing header|MetadataIncompleteBuffer|InvalidHeader|HeaderTooLarge|invalid magic|failed to open (?:GGUF )?file '[^']+'|SafetensorError|PytorchStreamReader failed|unexpected EOF|tensor .{1,80} data is not within the file bounds|checksum (?:mismatch|does not match)|file (?:is )?(?:corrupt|truncated|incomplete)|HFValidationError|Repo id must be in the form/i,
    meaning: 'the weights, or a file of the model, are missing or damaged on the node',
    todo: 'compare the folder with the hub (hf download fetches missing files), and check that it is mounted',
    failureClass: 'node-files',
  },
  {
    pattern:
      /corrupted compilation artifact|(?:torch_compile_cache|inductor|triton|aiter|flashinfer|deep_gemm|comgr)\S*.{0,60}cache.{0,60}(?:corrupt|invalid|fail|stale|truncat)|cache.{0,40}(?:is )?corrupt|EOFError: Ran out of input|UnpicklingError|failed to load (?:compiled|cached) /i,
    meaning: 'a cache of compiled kernels on the node is damaged',
    todo: 'remove the cache folder that the line names (~/.cache/vllm, ~/.triton, ~/.cache/flashinfer), then start again',
    failureClass: 'node-files',
  },
];

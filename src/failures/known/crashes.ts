import type { KnownFailure } from './row.ts';

/** Failed connections between processes or nodes. */
export const network: readonly KnownFailure[] = [
  {
    pattern:
      /Failed to get kvcache from prefill|(?:prefill|decode) info from bootstrap|KVTransferError|(?:kv ?cache|KV|prefill|decode) transfer.{0,40}(?:failed|error|timed out)|NIXL_ERR\w*|nixl\S*.{0,60}(?:fail|error)|mooncake.{0,60}(?:fail|error|timeout)|transfer engine.{0,40}(?:fail|error)|bootstrap.{0,40}(?:prefill|decode).{0,40}(?:fail|timed? ?out)|(?:prefill|decode) (?:instance|worker|server).{0,40}(?:dead|unreachable|not reachable|lost)/i,
    meaning: 'prefill and decode workers cannot transfer the KV cache to each other',
    todo: 'check that the prefill worker is alive, and RDMA between their nodes (ibstat, UCX_NET_DEVICES)',
    failureClass: 'network',
  },
  {
    pattern:
      /no socket interface found|Unable to find (?:an? )?(?:address|interface) for\b|(?:network )?interface \S+ (?:was )?(?:not found|does not exist)/i,
    meaning: 'the network interface configured for the workers does not exist on the node, or has no address',
    todo: 'set NCCL_SOCKET_IFNAME and GLOO_SOCKET_IFNAME to what ip addr shows on every node',
    failureClass: 'network',
  },
  {
    pattern: /nvshmem\S*.{0,60}(?:fail|error)|init failed for transport|\bIBGDA\b.{0,60}(?:fail|error|not)/i,
    meaning: 'NVSHMEM, which DeepEP needs, could not set up its network transport',
    todo: 'check ibstat and the driver’s settings for IBGDA on these nodes, or choose another all-to-all backend',
    failureClass: 'network',
  },
  {
    pattern:
      /ibv_\w+ failed|IBV_WC_\w*ERR|Got completion .*(?:error|status=)|transport retry counter exceeded|NET\/(?:IB|Socket|OFI|Plugin).*(?:error|fail|timed out|No route|refused)|mlx5_\d+.*(?:down|timed out|fatal|not active)|No (?:active )?(?:IB|InfiniBand|RDMA) (?:device|port)|No route to host|Network is unreachable|UCX\s+ERROR|ucp_\w+.*(?:fail|unreachable)|RDMA\b.{0,40}(?:fail|error)/i,
    meaning: 'two nodes cannot reach each other over the network (InfiniBand, RoCE or NCCL sockets)',
    todo: 'run ibstat and ping between these nodes; NCCL_SOCKET_IFNAME and NCCL_IB_HCA must name existing devices',
    failureClass: 'network',
  },
  {
    pattern:
      /DistNetworkError|(?:Unable|Failed) to connect to GCS|client socket has timed out|Gloo\b.{0,80}(?:fail|timed? ?out|refused|closed|error)|connectFullMesh|(?:TCPStore|c10d|rendezvous).{0,80}(?:refused|failed|timed? ?out|reset)|failed to connect to .{0,60}:(?:29\d{3}|2\d{4}|5\d{4})/i,
    meaning: 'workers could not reach each other over the network at startup',
    todo: 'check that the nodes can resolve and reach each other’s names, and that no firewall blocks them',
    failureClass: 'network',
  },
  {
    pattern:
      /^(?!.*(?:using|instead|next|retry|trying)).*(?:Address already in use|address in use|EADDRINUSE|Errno 98\b|port \d+ is (?:already )?(?:in use|occupied|taken)|port is already allocated|couldn't bind HTTP server socket)/i,
    meaning: 'the port is in use by another process',
    todo: 'stop that process (ss -ltnp on the node shows it), or set another port in the pool',
    failureClass: 'node-busy',
  },
  {
    pattern:
      /remote process exited or there was a network error|ncclRemoteError|Connection closed by (?:remote )?peer/i,
    meaning: 'another rank of the engine exited, or the connection to it broke',
    todo: 'find the rank whose log ends first; its log says why',
    failureClass: 'engine-died',
    kind: 'symptom',
  },
  {
    pattern:
      /NCCL error|nccl(?:SystemError|UnhandledCudaError|InternalError|InvalidUsage)|RCCL error|NCCL WARN .*(?:fail|error|timed out)/i,
    meaning: 'the GPUs could not communicate (NCCL or RCCL)',
    todo: 'set NCCL_DEBUG=INFO and start again; check NVLink and InfiniBand of these nodes',
    failureClass: 'network',
    kind: 'symptom',
  },
];

/** Crashes of native code and GPU kernels; the class is the generic one for an engine that ended. */
export const crashes: readonly KnownFailure[] = [
  {
    pattern:
      /illegal memory access|unspecified launch failure|misaligned address|illegal instruction was encountered|hardware stack error|Memory access fault by GPU|HSA_STATUS_ERROR\w*|HW Exception by GPU|(?:cuda|hip)Error(?:IllegalAddress|LaunchFailure|Assert)|CUDA_ERROR_(?:ILLEGAL_ADDRESS|LAUNCH_FAILED)|CU[A-Z]+_STATUS_(?:EXECUTION_FAILED|INTERNAL_ERROR)|(?:CUDA|HIP) error: (?:unknown error|the launch|launch )|ErrorDeviceLost|VK_ERROR_DEVICE_LOST|launch timed out and was terminated/i,
    meaning: 'a kernel or the GPU itself failed',
    todo: 'check dmesg of the node for an Xid or RAS error; if there is none, a kernel of the engine failed: try another version or backend',
    failureClass: 'engine-died',
  },
  {
    pattern: /Segfault encountered|[Ss]egmentation fault|SIGSEGV|signal 11\b|Caught signal 11/,
    meaning: 'native code of the engine crashed (segfault)',
    todo: 'restart it; if it recurs, use another version of the engine or of NCCL',
    failureClass: 'engine-died',
  },
  {
    pattern: /Executor worker (?:returned error|died|initialization failed)/,
    meaning: 'a rank of TensorRT-LLM exited; the lines before say why',
    todo: 'read the log from its first error',
    failureClass: 'engine-died',
    kind: 'symptom',
  },
];

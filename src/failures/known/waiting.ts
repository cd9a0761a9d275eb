import type { KnownFailure } from './row.ts';

/** Rate limits, services that are not up yet, and clusters that reclaim their nodes. */
export const services: readonly KnownFailure[] = [
  {
    pattern:
      /429 (?:Client Error|Too Many)|Too Many Requests|toomanyrequests|(?:status|code|error)[: =]+429\b|rate limit(?:ed| reached| exceeded)|exceeded .{0,30}rate limit|pull rate limit/i,
    meaning: 'rate limit of the hub or the registry (too many requests from this address or token)',
    todo: 'wait; set HF_TOKEN or log in to the registry for a higher limit, or fetch the model or image beforehand',
    failureClass: 'throttled',
  },
  {
    pattern:
      /Failed to connect to etcd|etcd.{0,80}(?:refused|unavailable|timed? ?out|no leader|deadline)|(?:2379|4222).{0,80}refused|refused.{0,80}(?:2379|4222)|nats.{0,60}(?:no servers|refused|unavailable|timed? ?out|failed)|creating primary lease|failed to connect to (?:nats|etcd)/i,
    meaning: 'the discovery service is not up yet (etcd or NATS, used by Dynamo)',
    todo: 'wait; if it recurs, check the log of that step on node 0',
    failureClass: 'throttled',
  },
  {
    pattern:
      /Socket timed out on send\/recv|Unable to allocate resources: (?:Connection|Unable to contact|Socket|Slurm|Resource temporarily)|Unable to contact slurm controller|slurm(?:ctld|dbd)?\b.{0,60}(?:not responding|connection refused|timed out)|Zero Bytes were transmitted|controller .{0,30}(?:not responding|standby)|Communication connection failure.*slurmctld|Transport endpoint.*slurmctld/i,
    meaning: 'the Slurm controller did not answer in time',
    todo: 'wait; if it persists, ask the cluster administrators (scontrol ping)',
    failureClass: 'throttled',
  },
  {
    pattern: /Requested partition configuration not available now/i,
    meaning:
      'the Slurm partition currently provides no nodes: it is down, or its limits do not allow this job',
    todo: 'check sinfo -s and scontrol show partition',
    failureClass: 'throttled',
  },
  {
    pattern: /CERTIFICATE_VERIFY_FAILED|certificate verify failed|x509: certificate/i,
    meaning:
      "the node does not trust the certificate of the hub or registry: a proxy's certificate is not installed, or the clock is wrong",
    todo: 'install the certificate on the node or in the image (REQUESTS_CA_BUNDLE, /etc/docker/certs.d), and check its clock (timedatectl)',
    failureClass: 'node-unfit',
  },
  {
    pattern:
      /^(?!.*host='(?:10\.|127\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.|localhost)(?!.*\/(?:api\/models|v2|\S*resolve)\b)).*(?:Temporary failure in name resolution|Name or service not known|NameResolutionError|getaddrinfo failed|Could not resolve host|no such host|Failed to resolve|Max retries exceeded|check your internet connection|couldn't connect to ['"]?(?:https?:|\S*hub)|Connect ?Timeout(?:Error)?\b.*(?:http|url|hub|host=)|Read timed out|ReadTimeoutError|TLS handshake timeout|context deadline exceeded|net\/http: |i\/o timeout|proxyconnect|50[0234] (?:Server Error|Bad Gateway|Service Unavailable|Gateway)|Bad Gateway|Service (?:Temporarily )?Unavailable|Gateway Time-?out|ChunkedEncodingError|IncompleteRead|Connection broken|ProtocolError|consistency check failed|CAS service error|LocalEntryNotFoundError|RemoteDisconnected|SSL(?:EOF)?Error|error pulling image|failed to (?:fetch|copy|do request): |failed to register layer: .*EOF|layer verification failed)/i,
    meaning:
      'the node cannot reach the hub or the registry over the network, or the download was interrupted',
    todo: 'wait; if it persists, check DNS, proxy and route of the node',
    failureClass: 'throttled',
  },
  {
    pattern: /DUE TO (?:JOB )?REQUEUE|job (?:\d+ )?(?:was )?requeued/i,
    meaning: 'the cluster took the node back and put the job into the queue again (requeue)',
    todo: 'nothing; another allocation is requested; if it happens often, use a QOS without requeueing',
    failureClass: 'preempted',
  },
  {
    pattern: /DUE TO PREEMPTION|preempted/i,
    meaning: 'the cluster gave the node to another job (preemption)',
    todo: 'nothing; another allocation is requested; if it happens often, use a QOS without preemption',
    failureClass: 'preempted',
  },
  {
    pattern: /DUE TO TIME LIMIT/i,
    meaning: 'the time limit of the allocation was reached',
    todo: 'raise time-limit-min of the pool, or measure fewer points in a session',
    failureClass: 'time-limit',
  },
  {
    pattern:
      /DUE TO NODE FAIL|Node failure on|srun: error: .*(?:node failure|Node fail|Communication connection failure)|node \S+ (?:is )?(?:DOWN|not responding)/i,
    meaning: 'Slurm lost the node of the engine',
    todo: 'have the node checked before it is used again',
    failureClass: 'node-lost',
  },
  {
    pattern:
      /\*\*\* (?:STEP|JOB) \S+ ON \S+ CANCELLED AT (?!.*DUE TO)|Prolog\b.{0,60}(?:fail|error|timeout)|[Tt]ask launch for \S+ failed on node|launch failed|Error setting up (?:the )?(?:job|step)|PrologError|Unable to (?:create|set up) .{0,30}(?:namespace|cgroup)/,
    meaning:
      'Slurm cancelled the step, or could not launch it, on that node (its prolog, or an administrator)',
    todo: 'see the log of slurmd on that node; sinfo -R says whether it was drained',
    failureClass: 'node-broken',
  },
  {
    pattern:
      /Expired or invalid job|Invalid job id specified|already completing or completed|Job (?:\d+ )?(?:has|was) (?:been )?(?:revoked|cancel)/i,
    meaning: 'the Slurm job of the engine had ended already',
    todo: 'nothing; another allocation is requested',
    failureClass: 'preempted',
  },
];

/** Engines that are running but make no progress. */
export const hangs: readonly KnownFailure[] = [
  {
    pattern: /waiting for baton release/i,
    meaning: 'workers wait for a lock of aiter’s compiler that is never released',
    todo: 'delete that lock file; the next start compiles again',
    failureClass: 'hung',
    kind: 'waiting',
  },
  {
    pattern:
      /(?:blocking )?waiting for (?:the )?(?:file )?lock|Waiting for another process.{0,60}(?:lock|compil|download)|Lock \d* ?(?:is )?(?:held|acquired) by another|still waiting to acquire lock/i,
    meaning: 'processes wait for a lock that is never released',
    todo: 'find its holder (fuser FILE on the node), or delete it if the holder is dead',
    failureClass: 'hung',
    kind: 'waiting',
  },
  {
    pattern:
      /Watchdog caught collective operation timeout|Some NCCL operations have failed or timed out|collective operation timeout/i,
    meaning:
      'a rank stopped taking part in an NCCL collective; the others waited until the watchdog killed them',
    todo: 'find the rank whose log ends first; NCCL_DEBUG=INFO and dmesg on its node',
    failureClass: 'hung',
  },
  {
    pattern:
      /RPC call to \w+ timed out|Did not receive response from (?:front-?end|engine)|execute_model timed out|TimeoutError: (?:RPC|Timed out|Timeout)/i,
    meaning: 'a worker of the engine hung and did not answer in time',
    todo: 'find the worker whose log ends first; py-spy dump shows where it is',
    failureClass: 'hung',
  },
  {
    pattern:
      /Hang detected on rank|(?:scheduler|detokenizer|process|watchdog) ?(?:watchdog )?time(?:d )?out|watchdog.{0,40}(?:timeout|timed out|triggered|expired|hang)|GPU Hang|couldn't get a response from (?:the )?detokenizer|(?:engine|rank|worker).{0,30}(?:is|seems) (?:hung|stuck)/i,
    meaning: 'a rank of the engine hung, and the engine’s own watchdog ended it',
    todo: 'find the rank whose log ends first; dmesg on its node',
    failureClass: 'hung',
  },
  {
    pattern:
      /Timed out (?:after \d+ \w+ )?waiting for (?:clients|engine|workers?|ranks?|all|the)|\d+\/\d+ clients joined|Rank \d+ failed to|wait timeout after|waiting for engine(?:s)? (?:core processes )?to|rendezvous.{0,60}(?:timeout|timed out)|RendezvousTimeout|monitored ?barrier/i,
    meaning: 'not all workers joined in time: a rank is missing',
    todo: 'find the rank that has no log, or whose log ends first',
    failureClass: 'hung',
  },
  {
    pattern:
      /No available shared memory broadcast block|Waiting for (?:\d+ )?output from (?:MsgQueue|MessageQueue)/i,
    meaning: 'a worker of the engine hung: the others wait for its answer',
    todo: 'find the worker whose log ends first; py-spy dump shows where it is',
    failureClass: 'hung',
    kind: 'waiting',
  },
  {
    pattern:
      /waiting for remote model|Waiting for \d+ local, \d+ remote core engine|waiting for (?:all |the |\d+ )*(?:prefill|decode|worker|engine|rank|server|instance|endpoint|model)s?\b.{0,60}(?:register|ready|join|connect|start|come up|available)?|no (?:workers?|instances?|endpoints?) (?:registered|found|available)|Waiting for creating a placement group/i,
    meaning: 'the engine is waiting for workers, and none has registered with it',
    todo: 'check the logs of the workers’ steps, and that they can reach node 0',
    failureClass: 'hung',
    kind: 'waiting',
  },
];

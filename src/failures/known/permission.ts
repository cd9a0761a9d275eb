import type { KnownFailure } from './row.ts';

/** Denied access: by the hub, a registry, Slurm, or the file system. */
export const permission: readonly KnownFailure[] = [
  {
    pattern:
      /GatedRepoError|gated repo|provide a valid HF token|40[13] Client Error|Access to model .* is restricted|must be authenticated to access|Invalid (?:user token|username or password|credentials in Authorization)|LocalTokenNotFoundError|Token is required|HF_TOKEN.*(?:not set|invalid|required)|Repository Not Found.*private or gated/i,
    meaning: 'the model is not readable with this token, or there is no token',
    todo: 'accept its licence on the hub with the account of the token, and set HF_TOKEN',
    failureClass: 'not-permitted',
  },
  {
    pattern:
      /manifest unknown|manifest for .* not found|pull access denied|repository does not exist or may require|requested access to the resource is denied|unauthorized: |(?:401|403|404) (?:Unauthorized|Forbidden|Not Found).*|returned error code: 40[134]|no basic auth credentials|error getting credentials|name unknown: |(?<!permission )denied: |Error response from daemon: (?:.*: )?(?:denied|unauthorized)$|insufficient_scope|invalid reference format|Could not process JSON input|image (?:not found|does not exist)|No such image/i,
    meaning: 'the registry has no such image, or this login may not pull it',
    todo: 'check the image’s name and tag, and log in on the node: docker login, or ~/.config/enroot/.credentials',
    failureClass: 'not-permitted',
  },
  {
    pattern:
      /Invalid account|invalid partition|Invalid qos|Invalid (?:wckey|reservation)|Requested reservation (?:is )?(?:invalid|not)|violates accounting\/QOS policy|User's group not permitted|(?:Access|Access\/permission) denied|Requested node configuration is not available|Requested time limit is invalid|Invalid generic resource|Memory (?:specification|required) .*can ?not be satisfied|Memory required by task is not available|\b(?:Assoc|QOS)(?:Grp|Max)\w+|More processors requested than permitted|Node count specification invalid|Invalid feature specification|Invalid node name specified|would never start|Job (?:size|count|submit) limit|Requested (?:GRES|gres) /i,
    meaning:
      "Slurm rejected the job: the pool's account, partition, QOS, time or resources are not permitted",
    todo: 'correct account, partition, qos, time-limit-min or salloc-args in the pool’s file; sacctmgr show associations lists what you may use',
    failureClass: 'not-permitted',
  },
  {
    pattern: /Disk quota exceeded|Errno 122\b|EDQUOT/i,
    meaning: 'the user’s disk quota is used up',
    todo: 'delete old weights, images and results of this user, or ask for more quota',
    failureClass: 'not-permitted',
  },
  {
    pattern:
      /permission denied while trying to connect to the docker (?:daemon|API)|dial unix \S*docker\.sock: connect: permission denied/i,
    meaning: 'this user is not permitted to use docker on the node',
    todo: 'add the user to the group docker there, and log in again',
    failureClass: 'node-unfit',
  },
  {
    pattern: /Read-only file system|Errno 30\b|EROFS/i,
    meaning: 'the engine cannot write to a file system that is read-only',
    todo: 'mount a folder that can be written, or point the cache variables to one; if it is the node’s own disk, have it checked',
    failureClass: 'node-unfit',
  },
  {
    pattern:
      /^(?!.*\/dev\/)(?!.*docker\.sock)(?:.*(?:PermissionError|Errno 13\b|EACCES|cannot (?:create|open|access|stat)\b.*Permission denied|(?:mkdir|touch|open|cp|mv|enroot|pyxis|exec|sh|bash).*: Permission denied))/i,
    meaning: 'the engine or its container has no permission for a path',
    todo: "grant the engine's user access to that path, or mount another one",
    failureClass: 'not-permitted',
  },
];

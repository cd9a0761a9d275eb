export { closest } from './closest.ts';
export { matchConfigKeys, matchesPattern } from './config-keys.ts';
export {
  type GpuConstants,
  gpuConstants,
  gpuConstantsFile,
  gpuConstantsSchema,
  loadGpuConstants,
} from './gpu-constants.ts';
export { withoutLinkedContent } from './linked-file.ts';
export {
  type Config,
  type LocatedConfigs,
  loadLocatedConfigs,
  loadMasterConfigs,
  type MasterConfigs,
  type MultiNodeConfig,
  type MultiNodeItem,
  masterConfigSchema,
  type SingleNodeConfig,
  type SingleNodeItem,
} from './master-config.ts';
export { issueInWords, problemsOf } from './problems.ts';
export { likelyMisspellings, unknownRunners } from './questions.ts';
export { loadRunnerPools, poolOf, type RunnerPools, runnerPoolsSchema } from './runner-pools.ts';
export { type Checked, parseYamlAs, readYamlAs } from './yaml-file.ts';
export type { YamlFile } from './yaml-positions.ts';

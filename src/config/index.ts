export {
  type AcceptanceFile,
  acceptanceFileSchema,
  acceptanceText,
  curveNameOf,
  lengthsIn,
  readAcceptanceFile,
  type ThinkingMode,
  thinkingModes,
} from './acceptance-curves.ts';
export type {
  AugustConfig,
  AugustNodeConfig,
  AugustNodeItem,
  AugustNodesConfig,
  AugustNodesItem,
  WorkloadBlock,
} from './august.ts';
export { august } from './august.ts';
export { closest } from './closest.ts';
export { matchConfigKeys, matchesPattern } from './config-keys.ts';
export {
  type Config,
  type Contract,
  contractOf,
  contracts,
  masterConfigSchema,
  runnerPoolsSchema,
} from './contracts.ts';
export {
  type GpuConstants,
  gpuConstants,
  gpuConstantsFile,
  gpuConstantsSchema,
  loadGpuConstants,
} from './gpu-constants.ts';
export { itemsOf } from './items.ts';
export type {
  JanuaryConfig,
  MultiNodeConfig,
  MultiNodeItem,
  SingleNodeConfig,
  SingleNodeItem,
} from './january.ts';
export { january } from './january.ts';
export { withoutLinkedContent } from './linked-file.ts';
export { loadRunnerPools, parseRunnerPools } from './load-runner-pools.ts';
export {
  contractOfConfigs,
  type LocatedConfigs,
  loadLocatedConfigs,
  loadMasterConfigs,
  type MasterConfigs,
  parseMasterConfigs,
} from './master-config.ts';
export { issueInWords, problemsOf } from './problems.ts';
export { likelyMisspellings, unknownRunners } from './questions.ts';
export {
  fileNameOfPool,
  hardwareOfPool,
  type NodeHardware,
  poolOf,
  type RunnerPools,
} from './runner-pools.ts';
export { WrittenFloat } from './written-float.ts';
export { type Checked, parseYamlAs, readYamlAs } from './yaml-file.ts';
export type { YamlFile, YamlReading } from './yaml-positions.ts';

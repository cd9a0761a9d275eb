import { contractOfConfigs, type MasterConfigs, type RunnerPools } from '../config/index.ts';
import { augustChangelog } from './august.ts';
import type { ChangelogContract } from './contract.ts';
import { januaryChangelog } from './january.ts';

/** How the changelog of every contract is read. */
const contracts: readonly ChangelogContract[] = [januaryChangelog, augustChangelog];

/** The one that goes with these configs. Throws InputError where configs and pools are of different contracts. */
export function changelogContractOf(configs: MasterConfigs, pools: RunnerPools): ChangelogContract {
  const { name } = contractOfConfigs(configs, pools);
  return contracts.find((one) => one.name === name) ?? januaryChangelog;
}

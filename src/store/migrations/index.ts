import type { Migration } from 'kysely/migration';
import { sweepsAndPoints } from './0001-sweeps-and-points.ts';
import { measurements } from './0002-measurements.ts';
import { everythingOfASweep } from './0003-everything-of-a-sweep.ts';
import { confidence } from './0004-confidence.ts';
import { counts } from './0005-counts.ts';
import { extents } from './0006-extents.ts';
import { pp } from './0007-pp.ts';
import { dcpSize } from './0008-dcp-size.ts';
import { pcpSize } from './0009-pcp-size.ts';
import { router } from './0010-router.ts';
import { kvP2pTransfer } from './0011-kv-p2p-transfer.ts';
import { roleHardware } from './0012-role-hardware.ts';
import { kvOffloading } from './0013-kv-offloading.ts';
import { scenarioType } from './0014-scenario-type.ts';
import { recipeFingerprint } from './0015-recipe-fingerprint.ts';
import { unchecked } from './0016-unchecked.ts';
import { jobCounts } from './0017-job-counts.ts';
import { loadFormat } from './0018-load-format.ts';
import { checked } from './0019-checked.ts';
import { productVersion } from './0020-product-version.ts';
import { workload } from './0021-workload.ts';
import { slo } from './0023-slo.ts';
import { cachedTokens } from './0024-cached-tokens.ts';
import { onePublicRun } from './0025-one-public-run.ts';
import { sessions } from './0027-sessions.ts';
import { acceptance } from './0029-acceptance.ts';

/** Every change of the schema, in order. A released migration is never edited. */
export const migrations: Readonly<Record<string, Migration>> = {
  '0001-sweeps-and-points': sweepsAndPoints,
  '0002-measurements': measurements,
  '0003-everything-of-a-sweep': everythingOfASweep,
  '0004-confidence': confidence,
  '0005-counts': counts,
  '0006-extents': extents,
  '0007-pp': pp,
  '0008-dcp-size': dcpSize,
  '0009-pcp-size': pcpSize,
  '0010-router': router,
  '0011-kv-p2p-transfer': kvP2pTransfer,
  '0012-role-hardware': roleHardware,
  '0013-kv-offloading': kvOffloading,
  '0014-scenario-type': scenarioType,
  '0015-recipe-fingerprint': recipeFingerprint,
  '0016-unchecked': unchecked,
  '0017-job-counts': jobCounts,
  '0018-load-format': loadFormat,
  '0019-checked': checked,
  '0020-product-version': productVersion,
  '0021-workload': workload,
  '0023-slo': slo,
  '0024-cached-tokens': cachedTokens,
  '0025-one-public-run': onePublicRun,
  '0027-sessions': sessions,
  '0029-acceptance': acceptance,
};

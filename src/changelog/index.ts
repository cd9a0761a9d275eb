export { addedEntries } from './added.ts';
export { appendEntry } from './append.ts';
export { AddedBetween, type ChangelogChange } from './between.ts';
export { Changelog, type LocatedEntry } from './changelog-file.ts';
export type { AskedKeys, Configured, Rerun, Sides } from './contract.ts';
export { changelogContractOf } from './contracts.ts';
export { type ChangelogEntry, changelogSchema, type NewEntry, newEntrySchema } from './entry.ts';
export { type ChangeFile, changeFileFor, folderOf, hasEntries, inOrderOfMerge } from './folder.ts';
export {
  bytesAtRef,
  commitOf,
  fileAtRef,
  filesAtRef,
  pathFromRoot,
  pathInRepository,
  pathsByAddition,
  sidesOfConflict,
  topOf,
} from './git.ts';
export { isOpenLink, type PullLinks, publicRepository, pullLinks } from './links.ts';
export { appended, canonicalized, checkContribution, type PullRequest, resolved } from './prepare.ts';
export type { Modifiers } from './requests.ts';
export { StrictChangelog } from './strict-changelog.ts';
export { type ChangelogLocation, changelogAtRef, WholeChangelog } from './whole-changelog.ts';
export { workingChangelog } from './working-changelog.ts';

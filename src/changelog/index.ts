export { addedEntries } from './added.ts';
export { appendEntry, type NewEntry } from './append.ts';
export { askedBetween, type ChangelogChange, entriesBetween } from './between.ts';
export {
  Changelog,
  type ChangelogEntry,
  changelogSchema,
  type LocatedEntry,
  newEntrySchema,
} from './changelog-file.ts';
export { commitOf, fileAtRef, filesAtRef } from './git.ts';
export { type KeysOfEntry, type Rerun, rerunOf } from './rerun.ts';

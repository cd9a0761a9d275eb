export { addedEntries } from './added.ts';
export { appendEntry, type NewEntry } from './append.ts';
export {
  Changelog,
  type ChangelogEntry,
  changelogSchema,
  type LocatedEntry,
  newEntrySchema,
} from './changelog-file.ts';
export { fileAtRef } from './git.ts';
export { type KeysOfEntry, keysToRerun, type Rerun, rerunOf } from './rerun.ts';

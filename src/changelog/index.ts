export { addedEntries } from './added.ts';
export { appendEntry } from './append.ts';
export { type ChangelogEntry, changelogSchema, type LocatedEntry, parseChangelog } from './changelog-file.ts';
export { fileAtRef } from './git.ts';
export { type KeysOfEntry, keysToRerun, type Rerun, rerunOf } from './rerun.ts';

import { asciiJson } from '../ascii-json.ts';
import { sha256OfText } from '../sha256.ts';
import type { Values } from './entry.ts';
import { fieldNamed, roles } from './spelling.ts';

const fingerprint = fieldNamed('recipeFingerprint').entry;
/** The number of requests in flight and the entry's name do not change what is served. */
const apart = [fieldNamed('conc').entry, 'exp-name', fingerprint];
const scenario = fieldNamed('scenarioType').entry;
const lengths = [fieldNamed('isl').entry, fieldNamed('osl').entry, 'max-model-len'];
const disagg = fieldNamed('disagg').entry;
/** Fields that a public matrix adds to an entry after computing its fingerprint; these values have no effect. */
const added: Values = { 'eval-only': false, 'eval-all-concs': false, 'additional-settings': [] };

/** The fingerprint of what an entry serves: its own, or the one that the contract defines (F4). */
export function fingerprintOf(entry: Values): string {
  const own = entry[fingerprint];
  return typeof own === 'string' && own !== '' ? own : recipeFingerprint(entry);
}

/**
 * SHA-256 of an entry without its concurrency, name and fingerprint, as ASCII JSON with sorted keys and no spaces.
 * Points with the same fingerprint are measured on the same server.
 */
export function recipeFingerprint(entry: Values): string {
  const left = entry[scenario] === 'agentic-coding' ? [...apart, ...addedToTraces(entry)] : apart;
  const said = Object.entries(entry).filter(([name]) => !left.includes(name));
  const json = asciiJson(Object.fromEntries(said), (name, value) =>
    name in added && JSON.stringify(value) === JSON.stringify(added[name]) ? undefined : value,
  );
  return sha256OfText(json);
}

/** What an entry of traces has beyond the public one: bounds of its lengths, and marks without an effect. */
function addedToTraces(entry: Values): readonly string[] {
  return [
    ...lengths,
    ...(entry['run-eval'] === false ? ['run-eval'] : []),
    ...(roles.some((role) => role in entry) ? [] : [disagg]),
  ];
}

/** The entry with its fingerprint, which it may not state itself. */
export function withFingerprint<Entry extends Values>(entry: Entry): Entry {
  return { ...entry, [fingerprint]: recipeFingerprint(entry) };
}

import { inOrderOfNames } from '../in-order-of-names.ts';
import { sha256OfText } from '../sha256.ts';
import type { Values } from './entry.ts';
import { fieldNamed } from './spelling.ts';

const fingerprint = fieldNamed('recipeFingerprint').entry;
/** Neither how many requests are in flight nor what the entry is called changes what is served. */
const apart = [fieldNamed('conc').entry, 'exp-name', fingerprint];
/** The public matrix says of entries of traces only if their answers are checked. */
const scenario = fieldNamed('scenarioType').entry;
/** What a public matrix adds to an entry after its fingerprint was made, and says nothing by. */
const added: Values = { 'eval-only': false, 'eval-all-concs': false, 'additional-settings': [] };

/** The fingerprint of what an entry asks to be served: its own, or what the contract makes it (F4). */
export function fingerprintOf(entry: Values): string {
  const own = entry[fingerprint];
  return typeof own === 'string' && own !== '' ? own : recipeFingerprint(entry);
}

/**
 * SHA-256 of an entry without its concurrency, its name and a fingerprint, as JSON with its keys in order, without
 * spaces and in ASCII: points with the same are measured on the same server.
 */
export function recipeFingerprint(entry: Values): string {
  const isUnchecked = entry[scenario] === 'agentic-coding' && entry['run-eval'] === false;
  const left = isUnchecked ? [...apart, 'run-eval'] : apart;
  const said = Object.entries(entry).filter(([name]) => !left.includes(name));
  const json = JSON.stringify(inOrderOfNames(Object.fromEntries(said)), (name, value: unknown) =>
    name in added && JSON.stringify(value) === JSON.stringify(added[name]) ? undefined : value,
  );
  return sha256OfText(inAscii(json));
}

function inAscii(json: string): string {
  return json.replaceAll(/[^ -~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

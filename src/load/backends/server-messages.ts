import { endingOf } from '../reply/finish-reasons.ts';
import { namesFailure, saysGood, speaksOfFailure, wordsOf } from './failure-words.ts';
import { isRecord } from './json-fields.ts';
import { remembered } from './remembered.ts';

/** Fields in which servers describe errors, most specific first; case and underscores are ignored. */
const messageKeys = [
  'message',
  'msg',
  'errormessage',
  'errormsg',
  'errmsg',
  'detail',
  'details',
  'errordetail',
  'errordetails',
  'errordescription',
  'statusmsg',
  'statusmessage',
  'baseresp',
  'reason',
  'description',
  'title',
  'error',
  'errors',
  'exception',
  'code',
  'statuscode',
  'errorcode',
  'errcode',
  'status',
];
const codeKeys = new Set(['code', 'statuscode', 'httpstatus', 'httpcode', 'retcode', 'returncode', 'status']);
const nothing = new Set<unknown>([undefined, null, '', false, 0]);

/** The message of an `error` field; undefined if it is empty: null, '', {}, [], false, 0, 'none', code 0. */
export function errorText(error: unknown): string | undefined {
  // Most events have no such field.
  if (error === undefined || error === null || saysNothing(error)) return undefined;
  if (typeof error === 'string') return error;
  if (!isRecord(error)) return String(error);
  return messageIn(error) ?? JSON.stringify(error);
}

/** The error message in an object; undefined if there is none. */
export function messageIn(value: unknown): string | undefined {
  if (!isRecord(value)) return undefined;
  if (Array.isArray(value)) {
    const told: unknown = value.find((entry) => !saysNothing(entry));
    return typeof told === 'string' ? told : messageIn(told);
  }
  const fields = fieldsOf(value);
  for (const key of messageKeys) {
    const found = fields.get(key);
    if (saysNothing(found)) continue;
    if (typeof found === 'string' && !codeKeys.has(key)) return found;
    return isRecord(found) ? (messageIn(found) ?? JSON.stringify(found)) : JSON.stringify(value);
  }
  return undefined;
}

function saysNothing(value: unknown): boolean {
  if (typeof value === 'string') return value.trim() === '' || saysGood(value);
  return isRecord(value) ? Object.values(value).every(saysNothing) : nothing.has(value);
}

/** The fields of an object by names without case, underscores and hyphens. */
function fieldsOf(value: Readonly<Record<string, unknown>>): ReadonlyMap<string, unknown> {
  const fields = new Map<string, unknown>();
  for (const [key, field] of Object.entries(value)) {
    const name = fieldName(key).plain;
    if (!fields.has(name)) fields.set(name, field);
  }
  return fields;
}

/** What a field's name reveals. */
interface FieldName {
  /** Without case, underscores and hyphens. */
  readonly plain: string;
  /** `error`, `errorMessage`, `has_errors`, `exception`, …, but not a count of errors. */
  readonly isOfError: boolean;
  /** The name cannot say how the request went. */
  readonly isSilent: boolean;
}

const fieldName = remembered((key): FieldName => {
  const words = wordsOf(key);
  const plain = words.join('');
  const isOfError = words.some((word) =>
    /^(err|error.*|errors|errmsg|errcode|errno|exceptions?|failed|failure)$/.test(word),
  );
  return {
    plain,
    isOfError,
    isSilent: !isOfError && !envelopeKeys.has(plain) && !tellingKeys.some((keys) => keys.has(plain)),
  };
});

/** The kind of object that is searched for a complaint. */
export type Looked =
  /** An event that matches no form of its protocol: any message in it is a complaint. */
  | 'unknown'
  /** An event of the protocol, without output. */
  | 'known'
  /** Part of an event, in which a text need not be a message. */
  | 'part';

/** What a field says about the outcome. */
type Sign =
  /** It failed. */
  | 'bad'
  /** A number of unknown meaning, such as an error code. */
  | 'odd'
  /** It succeeded. */
  | 'good'
  /** A message: of a failure, unless something says that all went well. */
  | 'message';

/**
 * The complaint of an object without output; undefined if there is none. An envelope of success, such as code 0 or 200
 * with `ok`, is not a complaint. Fields in `passedOver` are ignored.
 */
export function complaintIn(
  value: unknown,
  looked: Looked,
  passedOver: readonly string[] = [],
): string | undefined {
  if (!isRecord(value) || Array.isArray(value) || isQuiet(value)) return undefined;
  if (!complains(value, looked, passedOver)) return undefined;
  const heeded = Object.fromEntries(Object.entries(value).filter(([key]) => !passedOver.includes(key)));
  return messageIn(heeded) ?? JSON.stringify(heeded);
}

/**
 * Whether no field describes an outcome, as in most events without output, such as usage or the opening of a choice.
 */
function isQuiet(value: Readonly<Record<string, unknown>>): boolean {
  for (const key in value) {
    if (!fieldName(key).isSilent && !(key === 'object' && isQuietType(value[key]))) return false;
  }
  return true;
}

const isQuietType = (type: unknown): boolean => typeof type === 'string' && !typeNamesFailure(type);
const typeNamesFailure = remembered(namesFailure);

function complains(
  value: Readonly<Record<string, unknown>>,
  looked: Looked,
  passedOver: readonly string[],
): boolean {
  let [isBad, isOdd, isGood, hasMessage, saysSo] = [false, false, false, false, false];
  for (const key in value) {
    const name = fieldName(key);
    if (name.isSilent || passedOver.includes(key)) continue;
    const field = value[key];
    const sign = envelopeKeys.has(name.plain)
      ? isRecord(field) && complains(field, 'known', passedOver) && 'bad'
      : signOf(name, field, looked);
    if (sign === 'bad') isBad = true;
    else if (sign === 'odd') isOdd = true;
    else if (sign === 'good') isGood = true;
    else if (sign === 'message') {
      hasMessage = true;
      saysSo ||= typeof field !== 'string' || speaksOfFailure(field);
    }
  }
  return isBad || (hasMessage && (saysSo || !isGood)) || (isOdd && !isGood);
}

/** Objects next to a reply that report the outcome with a code and a message. */
const envelopeKeys = new Set(['baseresp']);
const stateKeys = new Set(['status', 'state', 'outcome', 'finishstatus']);
const typeKeys = new Set(['type', 'object', 'event', 'kind', 'category']);
const successKeys = new Set(['success', 'ok', 'succeeded', 'issuccess']);
const reasonKeys = new Set(['finishreason', 'stopreason', 'donereason', 'completionreason', 'endreason']);
const plainMessageKeys = new Set(['message', 'msg', 'detail']);
const vagueMessageKeys = new Set(['details', 'reason', 'description']);
const titleKeys = new Set(['title']);
/** Everything that `signOf` looks at. */
const tellingKeys = [
  codeKeys,
  stateKeys,
  typeKeys,
  successKeys,
  reasonKeys,
  plainMessageKeys,
  vagueMessageKeys,
  titleKeys,
];

function signOf({ plain: name, isOfError }: FieldName, field: unknown, looked: Looked): Sign | undefined {
  if (successKeys.has(name) && typeof field === 'boolean') return field ? 'good' : 'bad';
  if (isOfError) return errorSign(name, field);
  const code = codeKeys.has(name) ? codeOf(field) : undefined;
  if (code !== undefined) return codeSign(code, name);
  if (typeof field === 'string') {
    if (stateKeys.has(name) || codeKeys.has(name)) return textSign(field);
    if (typeKeys.has(name)) return namesFailure(field) ? 'bad' : undefined;
    if (reasonKeys.has(name)) return endingOf(field).kind === 'failed' ? 'bad' : undefined;
  }
  return messageSign(name, field, looked);
}

function errorSign(name: string, field: unknown): Sign | undefined {
  if (saysNothing(field)) return undefined;
  const code = /code|errno|status/.test(name) ? codeOf(field) : undefined;
  if (code === undefined) return 'bad';
  return codeSign(code, name) === 'good' ? undefined : 'bad';
}

function textSign(text: string): Sign | undefined {
  if (speaksOfFailure(text)) return 'bad';
  return saysGood(text) ? 'good' : undefined;
}

function codeOf(value: unknown): number | undefined {
  if (typeof value === 'number') return value;
  return typeof value === 'string' && /^-?\d{1,9}$/.test(value) ? Number(value) : undefined;
}

/** A code is good if it is 0 or HTTP 2xx. A `status` below HTTP's codes has too many meanings. */
function codeSign(code: number, name: string): Sign | undefined {
  if (code === 0 || (code >= 200 && code < 300)) return 'good';
  if (code >= 400 && code < 600) return 'bad';
  return name === 'status' || (code > 0 && code < 400 && code >= 100) ? undefined : 'odd';
}

function messageSign(name: string, field: unknown, looked: Looked): Sign | undefined {
  const isPlain = plainMessageKeys.has(name);
  if (!isPlain && !vagueMessageKeys.has(name) && !titleKeys.has(name)) return undefined;
  if (typeof field === 'string') {
    if (saysGood(field)) return 'good';
    if (field.trim() === '') return undefined;
    const counts = looked === 'unknown' ? name !== 'title' : looked === 'known' && isPlain;
    return counts || speaksOfFailure(field) ? 'message' : undefined;
  }
  if (looked !== 'unknown' || name === 'title' || saysNothing(field) || !isRecord(field)) return undefined;
  // An object named `message` may be a chat message.
  return name === 'message' && textIn(field) !== undefined && messageIn(field) === undefined
    ? undefined
    : 'message';
}

/** Keys under which events of any protocol carry generated text. */
const textNames = new Set([
  'content',
  'text',
  'response',
  'delta',
  'token',
  'tokens',
  'generatedtext',
  'output',
  'outputtext',
  'textoutput',
  'outputs',
  'completion',
  'answer',
  'result',
  'generation',
  'reasoning',
  'thinking',
  'reasoningcontent',
  'chunk',
]);
const deepestText = 6;

/** The first generated text in an object of unknown form; undefined if there is none. */
export function textIn(value: unknown, depth = 0): string | undefined {
  if (!isRecord(value) || depth > deepestText) return undefined;
  for (const key in value) {
    const field = value[key];
    if (typeof field === 'string') {
      if (field !== '' && textNames.has(fieldName(key).plain)) return field;
      continue;
    }
    const isTextList = Array.isArray(field) && textNames.has(fieldName(key).plain);
    const told: unknown = isTextList
      ? field.find((entry) => typeof entry === 'string' && entry !== '')
      : undefined;
    const found = typeof told === 'string' ? told : textIn(field, depth + 1);
    if (found !== undefined) return found;
  }
  return undefined;
}

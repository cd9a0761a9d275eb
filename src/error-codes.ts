/** What a code of an error means, and what to do about it. */
export interface ErrorMeaning {
  readonly area: ErrorArea;
  readonly meaning: string;
  readonly todo: string;
}

export const errorAreas = [
  'command line',
  'files',
  'sweeps',
  'servers',
  'store',
  'HTTP API',
  'general',
] as const;
export type ErrorArea = (typeof errorAreas)[number];

const rows = {
  // Command line.
  'unknown-command': {
    area: 'command line',
    meaning: 'there is no command with this name',
    todo: 'list the commands with `inferencemax --help`',
  },
  'unknown-option': {
    area: 'command line',
    meaning: 'the command has no option with this name',
    todo: 'list its options with --help',
  },
  'bad-option': {
    area: 'command line',
    meaning: 'the value of an option or argument is invalid or out of range',
    todo: 'pass a value of the expected form; --help lists the choices',
  },
  'missing-option': {
    area: 'command line',
    meaning: 'an option, its value, or an argument is missing',
    todo: 'add it; --help has an example',
  },
  'conflicting-options': {
    area: 'command line',
    meaning: 'two options exclude each other',
    todo: 'omit one of them',
  },
  'excess-arguments': {
    area: 'command line',
    meaning: 'the command was given more arguments than it takes',
    todo: 'remove the extra arguments; --help says how to separate several values of one option',
  },
  // Files.
  'file-unreadable': {
    area: 'files',
    meaning: 'a file or folder does not exist, cannot be read, or is too large',
    todo: 'check the path and its permissions',
  },
  'file-exists': {
    area: 'files',
    meaning: 'a file or folder to be written already exists',
    todo: 'choose another name, or remove it',
  },
  'file-unwritable': {
    area: 'files',
    meaning: 'a file or folder cannot be written',
    todo: 'check its permissions and the free space, or choose another folder',
  },
  'bad-yaml': {
    area: 'files',
    meaning: 'a file is not valid YAML, or not UTF-8 text',
    todo: 'correct the line; an editor with YAML support marks it',
  },
  'bad-json': {
    area: 'files',
    meaning: 'a file is not valid JSON',
    todo: 'correct the line, or create the file again',
  },
  'bad-config': {
    area: 'files',
    meaning: 'a field of a YAML file is unknown, missing, or has a wrong value',
    todo: 'correct the field; `inferencemax schema` prints the schema of each kind of file',
  },
  'mixed-contracts': {
    area: 'files',
    meaning: 'configs or runner pools of January and of August 2026 are mixed',
    todo: 'convert the older files with `inferencemax config migrate`',
  },
  'unknown-config-key': {
    area: 'files',
    meaning: 'no config has this key',
    todo: 'list the keys with `inferencemax validate --json`, or name the file with --config-files',
  },
  'unknown-runner': {
    area: 'files',
    meaning: 'a runner is neither a pool nor a node of one',
    todo: 'list it in runners.yaml and describe its pool in runners/',
  },
  'unknown-framework': {
    area: 'files',
    meaning: 'no engine has this framework name',
    todo: 'correct the name; docs/add-an-engine.md describes how to add an engine',
  },
  'no-recipe': {
    area: 'files',
    meaning: 'no recipe serves this model, precision, hardware and framework',
    todo: 'add a file to benchmarks/, or use an engine with a generic recipe',
  },
  'bad-recipe': {
    area: 'files',
    meaning: 'the code of a recipe fails or returns an invalid value',
    todo: 'correct the recipe at the given line',
  },
  'bad-changelog': {
    area: 'files',
    meaning: 'the changelog breaks a rule of its format, or a change does more than append entries',
    todo: 'correct the line; src/changelog/README.md lists the rules',
  },
  'unknown-ref': {
    area: 'files',
    meaning: 'a folder is not a git repository, or the repository does not have this git ref',
    todo: 'check the ref; a shallow clone needs `git fetch --unshallow`',
  },
  'bad-variable': {
    area: 'files',
    meaning: 'an environment variable of a benchmark job is missing or invalid',
    todo: 'set the variable that the message names, as the public workflow does',
  },
  'not-a-result': {
    area: 'files',
    meaning: 'a file is not a result of the expected kind',
    todo: 'pass the file that the benchmark wrote; `inferencemax results import` converts results of other tools',
  },
  'not-entries': {
    area: 'files',
    meaning: 'a file is not a list of matrix entries or a plan',
    todo: 'create it with `inferencemax generate`, `changelog` or `plan --json`',
  },
  // Sweeps.
  'nothing-selected': {
    area: 'sweeps',
    meaning: 'the options select nothing to measure',
    todo: 'select configs with --config-keys, pass entries with --entries, or relax the filters',
  },
  'not-measurable': {
    area: 'sweeps',
    meaning: 'a config or entry can be generated but not run here',
    todo: 'select entries that have an engine and a recipe; `inferencemax validate` lists the others',
  },
  'engine-unavailable': {
    area: 'sweeps',
    meaning: 'the image of a config is invalid, or its engine cannot be found or installed',
    todo: 'check the image; CONTRIBUTING.md lists its forms',
  },
  'model-unavailable': {
    area: 'sweeps',
    meaning: 'the model of a config is invalid, or its weights cannot be found or downloaded',
    todo: 'check the model, the network, and HF_TOKEN for gated models',
  },
  'no-profiler': {
    area: 'sweeps',
    meaning: 'an engine cannot be profiled',
    todo: 'run without --profile, or select only single-node sessions of vLLM and SGLang',
  },
  'unknown-sweep': {
    area: 'sweeps',
    meaning: 'no run directory has this sweep',
    todo: 'list the sweeps with `inferencemax sweep list`, or choose the folder with --state-dir',
  },
  'sweep-in-use': {
    area: 'sweeps',
    meaning: 'another process runs this sweep or watches this folder',
    todo: 'wait for it, or stop it',
  },
  'sweep-changed': {
    area: 'sweeps',
    meaning: 'the configs have changed since the sweep measured some of its points',
    todo: 'start a new sweep, or resume with --as-planned',
  },
  'port-in-use': {
    area: 'sweeps',
    meaning: 'another process uses the port',
    todo: 'stop it, or choose another port with --port',
  },
  'nothing-measured': {
    area: 'sweeps',
    meaning: 'every point of the sweep was tried and failed',
    todo: 'see the failure of each point with `inferencemax sweep show`',
  },
  'engine-failed': {
    area: 'sweeps',
    meaning: 'an engine or its launcher failed; the failure class says how',
    todo: 'run `inferencemax explain` on the engine’s log',
  },
  // Servers.
  'bad-test': {
    area: 'servers',
    meaning: 'the settings of a load test contradict each other or cannot be sent',
    todo: 'correct the options that the message names',
  },
  'cannot-connect': {
    area: 'servers',
    meaning: 'no connection to the server could be opened, or nothing answers there',
    todo: 'check the address, and that the server is ready',
  },
  'all-failed': {
    area: 'servers',
    meaning: 'every request of a load test failed',
    todo: 'check the most frequent error, which is in the message, and the log of the server',
  },
  unsupported: {
    area: 'servers',
    meaning: 'the server cannot do what the test needs',
    todo: 'use another --backend, or change the server as the message says',
  },
  'host-failed': {
    area: 'servers',
    meaning: 'a command failed on this machine, a remote host or a cluster, or the host cannot be reached',
    todo: 'run the command by hand; `inferencemax doctor` checks every host of a pool',
  },
  'command-failed': {
    area: 'servers',
    meaning: 'a program that InferenceMAX runs is missing or failed',
    todo: 'read the last lines of its output in the message',
  },
  'remote-failed': {
    area: 'servers',
    meaning: 'a public service did not answer, or its answer was not as expected',
    todo: 'try again later, or check the address',
  },
  // Store.
  'no-store': {
    area: 'store',
    meaning: 'there is no store at this location',
    todo: 'measure or ingest something first, or choose another store with --store',
  },
  'bad-store': {
    area: 'store',
    meaning: 'a file or URL is not a store, or its content is incomplete',
    todo: 'choose another store, or restore a backup with `inferencemax store restore`',
  },
  'store-version': {
    area: 'store',
    meaning: 'the store was created by another version of InferenceMAX',
    todo: 'run `inferencemax store migrate`, or update this installation',
  },
  'store-failed': {
    area: 'store',
    meaning: 'the database cannot be reached, is locked, or reported an error',
    todo: 'check that the database is running and that its disk has free space',
  },
  // HTTP API.
  'bad-parameter': {
    area: 'HTTP API',
    meaning: 'a parameter of a request is unknown, missing or invalid',
    todo: 'correct the parameters listed in `problems`; /api/v1/openapi.json describes them',
  },
  unauthorized: {
    area: 'HTTP API',
    meaning: 'the token is missing or invalid',
    todo: 'create one with `inferencemax serve token create`, and send it as a bearer token',
  },
  'not-found': {
    area: 'HTTP API',
    meaning: 'the path or the requested item does not exist',
    todo: 'see the paths in /api/v1/openapi.json',
  },
  'wrong-method': {
    area: 'HTTP API',
    meaning: 'the path does not accept this HTTP method',
    todo: 'use a method listed in the Allow header',
  },
  'too-large': {
    area: 'HTTP API',
    meaning: 'the uploaded archive is larger than the server accepts',
    todo: 'split it, or raise --max-upload of `serve`',
  },
  'wrong-media-type': {
    area: 'HTTP API',
    meaning: 'the content type of an upload is not application/zip',
    todo: 'send a zip archive with that content type',
  },
  'wrong-host': {
    area: 'HTTP API',
    meaning: 'the server does not accept the host name in the request',
    todo: 'add the name with --host-name of `serve`',
  },
  'bad-archive': {
    area: 'HTTP API',
    meaning: 'an uploaded archive is missing, incomplete, or belongs to another commit',
    todo: 'create the archive again from the run directory or the artifacts of the CI run',
  },
  'too-many-requests': {
    area: 'HTTP API',
    meaning: 'the client exceeded the rate limit of the server',
    todo: 'wait as long as the Retry-After header says',
  },
  busy: {
    area: 'HTTP API',
    meaning: 'too many expensive requests or uploads are waiting',
    todo: 'wait as long as the Retry-After header says',
  },
  'server-error': {
    area: 'HTTP API',
    meaning: 'the server failed to answer',
    todo: 'check the log of `inferencemax serve`, and report the problem',
  },
  // General.
  'bad-input': {
    area: 'general',
    meaning: 'the input is invalid in a way that no other code describes',
    todo: 'correct the input that the message names',
  },
  'work-failed': {
    area: 'general',
    meaning: 'the input is valid, but the work failed in a way that no other code describes',
    todo: 'the message says what failed',
  },
  interrupted: {
    area: 'general',
    meaning: 'the user interrupted the command',
    todo: 'run it again to continue',
  },
  internal: {
    area: 'general',
    meaning: 'InferenceMAX has a bug',
    todo: 'report it with the command line and the stack trace',
  },
} as const satisfies Readonly<Record<string, ErrorMeaning>>;

/** The stable code of an error, on which programs may rely; the wording of its message may change. */
export type ErrorCode = keyof typeof rows;

/** Every code with its meaning. To add one, add a row; `docs/errors.md` is generated from the table. */
export const errorTable: Readonly<Record<ErrorCode, ErrorMeaning>> = rows;

export function isErrorCode(text: string): text is ErrorCode {
  return Object.hasOwn(errorTable, text);
}

import { stringify } from 'yaml';
import { defined } from '../defined/defined.ts';
import { engineFor } from '../engines/index.ts';
import { type Fault, InputError } from '../errors.ts';
import { launcherOfThisMachine } from '../launchers/index.ts';
import type { ModelFacts } from '../model-facts.ts';
import { gpuKey } from './gpu-key.ts';
import type { FoundEngine, FoundModel, Survey } from './survey.ts';

/** Choices for a first measurement, in addition to what was found. */
export interface ProposalOptions {
  /** Weights that are not on this machine: a repository on the Hugging Face hub. */
  readonly repository?: string | undefined;
  /** The engine uses random weights. */
  readonly dummy?: boolean | undefined;
  /** Reject a machine without a GPU. */
  readonly gpuOnly?: boolean | undefined;
  /** A suffix for the pool's name, after the name of the GPU. */
  readonly suffix?: string | undefined;
  /** The GPUs listed in hardware/gpus.yaml. */
  readonly knownGpus: readonly string[];
  /** The smallest number of GPUs that holds a model. */
  readonly smallestTp: (facts: ModelFacts, memoryBytes: number) => number | undefined;
}

/** Files for a first measurement, and the decisions behind them. */
export interface Proposal {
  readonly files: readonly { readonly path: string; readonly content: string }[];
  readonly pool: string;
  readonly configKey: string;
  /** What was found and chosen, one line each. */
  readonly decisions: readonly string[];
}

const lengths = { gpu: { isl: 512, osl: 128 }, cpu: { isl: 64, osl: 32 } };
const concurrencies = { gpu: [1, 4, 16, 64], cpu: [1, 2, 4, 8] };

/** An error about something that was not found. */
interface Missing {
  readonly missing: Fault;
}

/** Creates a pool and a first config from a survey. Throws InputError with a hint for everything that is missing. */
export function propose(found: Survey, options: ProposalOptions): Proposal {
  const [device] = found.devices;
  const engine = chosenEngine(found, options);
  const model = 'missing' in engine ? engine : chosenModel(found, engine, options);
  const faults = [
    ...(options.gpuOnly === true && device === undefined ? [noGpu] : []),
    ...('missing' in engine ? [engine.missing, ...noWeights(found, options)] : []),
    ...('missing' in model && !('missing' in engine) ? [model.missing] : []),
  ];
  if ('missing' in engine || 'missing' in model || faults.length > 0) throw new InputError(faults);
  return proposalOf(found, engine, model, options);
}

const noGpu: Fault = {
  message: 'no GPU was found on this machine',
  hint: "put the driver's tool on the PATH, or omit --gpu to measure on the CPU",
};

function proposalOf(
  found: Survey,
  engine: FoundEngine,
  model: ChosenModel,
  options: ProposalOptions,
): Proposal {
  const [device] = found.devices;
  const kind = device === undefined ? 'cpu' : 'gpu';
  const gpu = device === undefined ? 'cpu' : gpuKey(device.name, options.knownGpus);
  const tp = tensorParallel(found, model.facts, options);
  const pool = `${gpu}-${options.suffix ?? word(found.host.split('.')[0] ?? 'own')}`;
  const prefix = word(model.name);
  const precision = precisionOf(model);
  const configKey = [prefix, precision, gpu, word(engine.framework)].join('-');
  const memoryGb = device?.memoryBytes === undefined ? undefined : Math.floor(device.memoryBytes / 1e9);
  const unlisted = !options.knownGpus.includes(gpu);
  const poolFile = {
    launcher: launcherOfThisMachine,
    hardware: gpu,
    ...defined({
      accelerator: found.vendor,
      'accelerators-per-node': device === undefined ? undefined : found.devices.length,
      'accelerator-memory-gb': unlisted && device !== undefined ? memoryGb : undefined,
    }),
  };
  return {
    pool,
    configKey,
    files: [
      {
        path: '.github/configs/runners.yaml',
        content: yaml('Runner pools and their nodes; runners/<pool>.yaml says how to reach them.', {
          labels: { [pool]: [`${pool}_0`] },
        }),
      },
      { path: `runners/${pool}.yaml`, content: yaml('Engines start on this machine.', poolFile) },
      {
        path: '.github/configs/own-master.yaml',
        content: `${comment('What to measure: lengths in tokens, and requests in flight (conc).')}${configText(
          {
            configKey,
            image: engine.image,
            model: model.reference,
            prefix,
            precision,
            framework: engine.framework,
            pool,
            dummy: options.dummy === true,
            ...lengths[kind],
            tp,
            concurrencies: concurrencies[kind],
          },
        )}`,
      },
    ],
    decisions: [
      `hardware: ${device === undefined ? 'no GPU found, using the CPU' : `${found.devices.length} × ${device.name}`}, called ${gpu}`,
      `engine: ${engine.framework}${engine.version === undefined ? '' : ` ${engine.version}`} (${engine.image})`,
      `model: ${model.reference}${options.dummy === true ? ', with random weights' : ''}`,
      ...(device === undefined ? [] : [`tensor parallelism: ${tp} of ${found.devices.length} GPUs`]),
    ],
  };
}

function yaml(about: string, content: object): string {
  return `${comment(about)}${stringify(content)}`;
}

function comment(about: string): string {
  return `# ${about} Written by \`inferencemax init\`; edit as needed.\n`;
}

interface ConfigValues {
  readonly configKey: string;
  readonly image: string;
  readonly model: string;
  readonly prefix: string;
  readonly precision: string;
  readonly framework: string;
  readonly pool: string;
  readonly dummy: boolean;
  readonly isl: number;
  readonly osl: number;
  readonly tp: number;
  readonly concurrencies: readonly number[];
}

/** Formats a config as people write it. */
function configText(config: ConfigValues): string {
  const value = (text: string) => stringify(text, { lineWidth: 0 }).trim();
  return `${config.configKey}:
  image: ${value(config.image)}
  model: ${value(config.model)}
  model-prefix: ${value(config.prefix)}
  precision: ${config.precision}
  framework: ${config.framework}
  runner: ${config.pool}
  multinode: false
${config.dummy ? '  load-format: dummy\n' : ''}  scenarios:
    fixed-seq-len:
      - isl: ${config.isl}
        osl: ${config.osl}
        search-space:
          - { tp: ${config.tp}, conc-list: [${config.concurrencies.join(', ')}] }
`;
}

interface ChosenModel {
  readonly reference: string;
  readonly name: string;
  readonly form: FoundModel['form'];
  readonly facts?: ModelFacts;
}

function chosenEngine({ engines, models }: Survey, { repository }: ProposalOptions): FoundEngine | Missing {
  const usable = engines.filter(
    (engine) => repository !== undefined || models.some((model) => reads(engine, model)),
  );
  const [first] = usable.length > 0 ? usable : engines;
  if (first !== undefined) return first;
  return missing(
    'no engine was found on this machine, and no server whose /metrics identifies its engine',
    'activate its virtual environment, or pass its folder, e.g. --engine /opt/venvs/vllm, or its program under its usual name, e.g. --engine command:vllm; for a running engine, pass e.g. --engine url:http://127.0.0.1:8000',
  );
}

function missing(message: string, hint: string): Missing {
  return { missing: { message, hint } };
}

/** The error about missing weights if no engine was found either. */
function noWeights({ models }: Survey, { repository }: ProposalOptions): Fault[] {
  if (repository !== undefined || models.length > 0) return [];
  return [{ message: 'no weights were found on this machine', hint: nameWeights }];
}

const nameWeights =
  'pass their folder with --model /models/NAME, or a Hugging Face repository with --model ORG/NAME';

function reads({ framework }: FoundEngine, { form }: FoundModel): boolean {
  return (engineFor(framework).weights === 'hugging-face') === (form === 'folder');
}

function chosenModel(
  { models, devices }: Survey,
  engine: FoundEngine,
  options: ProposalOptions,
): ChosenModel | Missing {
  const { repository, smallestTp } = options;
  if (repository !== undefined)
    return {
      reference: repository,
      name: repository.split('/').at(-1)?.split('@')[0] ?? repository,
      form: 'folder',
    };
  const readable = models.filter((model) => reads(engine, model));
  const whole = readable.filter(({ lacks }) => lacks.length === 0);
  const memoryBytes = devices[0]?.memoryBytes;
  const fits = whole.filter(({ facts }) => {
    if (facts === undefined || memoryBytes === undefined) return true;
    const tp = smallestTp(facts, memoryBytes);
    return tp !== undefined && tp <= devices.length;
  });
  const [first] = fits;
  if (first !== undefined)
    return { reference: first.path, name: first.name, form: first.form, ...defined({ facts: first.facts }) };
  const form = engineFor(engine.framework).weights === 'hugging-face' ? 'folder' : 'gguf';
  const [large] = whole;
  const [broken] = readable;
  if (large !== undefined)
    return missing(
      `the weights in ${large.path} do not fit into the ${devices.length} GPUs of this machine`,
      'pass smaller ones with --model',
    );
  if (broken !== undefined)
    return missing(
      `${broken.path} is not a complete model: ${broken.lacks.join('; ')}`,
      'download it completely, choose another with --model, or use random weights with --dummy',
    );
  return missing(
    form === 'folder'
      ? 'no weights were found on this machine that this engine can read'
      : `no GGUF file was found on this machine, which ${engine.framework} needs`,
    form === 'folder' ? nameWeights : 'pass the file with --model /models/NAME.gguf',
  );
}

function tensorParallel(
  { devices }: Survey,
  facts: ModelFacts | undefined,
  { smallestTp }: ProposalOptions,
): number {
  const memoryBytes = devices[0]?.memoryBytes;
  if (facts === undefined || memoryBytes === undefined) return 1;
  return smallestTp(facts, memoryBytes) ?? 1;
}

/** Quantisation methods in config.json, and the precision that configs use for them. */
const quantisations: readonly (readonly [RegExp, string])[] = [
  [/fp8/, 'fp8'],
  [/fp4/, 'fp4'],
  [/int8|w8a8/, 'int8'],
  [/awq|gptq|int4|compressed|bitsandbytes|bnb/, 'int4'],
];
const types: Readonly<Record<string, string>> = { bfloat16: 'bf16', float16: 'fp16', float32: 'fp32' };

function precisionOf({ form, name, facts }: ChosenModel): string {
  const said = (facts?.quantisation ?? (facts === undefined ? name : '')).toLowerCase();
  if (form === 'gguf') {
    const [, bits] = /(?:^|[._-])i?q(\d)/i.exec(name) ?? [];
    return bits === undefined
      ? (/(?:bf16|f16|f32)/i.exec(name)?.[0].toLowerCase().replace(/^f/, 'fp') ?? 'q4')
      : `q${bits}`;
  }
  const [, quantised] = quantisations.find(([pattern]) => pattern.test(said)) ?? [];
  return quantised ?? types[facts?.dtype ?? ''] ?? 'bf16';
}

/** Converts a text to a part of a name; the parts are joined by underscores. */
function word(text: string): string {
  return (
    text
      .toLowerCase()
      .replaceAll(/[^a-z0-9.]+/g, '-')
      .replaceAll(/^[-.]+|[-.]+$/g, '') || 'own'
  );
}

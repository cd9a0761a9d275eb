import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { parseJson } from '../../../bounded-json.ts';
import { loadGpuConstants } from '../../../config/index.ts';
import { InputError, messageOf } from '../../../errors.ts';
import { powerFactsOf } from '../../../server/index.ts';

interface RecordedOptions {
  readonly hardware?: string;
  readonly json?: true;
}

/** Prints the power that a raw result of InferenceMAX recorded: what it covers, how good it is, and what limited it. */
export async function printRecorded(file: string, { hardware, json }: RecordedOptions): Promise<void> {
  const raw = await rawIn(file);
  const { power } = powerFactsOf(raw, await constantsOf(hardware ?? nodeOf(raw)));
  if (power === null) {
    throw new InputError([{ file, message: 'it has no measured power', hint: whyNone(raw) }], undefined, {
      code: 'not-a-result',
    });
  }
  process.stdout.write(json ? `${JSON.stringify({ file, power })}\n` : linesOf(power));
}

type Power = NonNullable<ReturnType<typeof powerFactsOf>['power']>;

function linesOf({
  of,
  devices,
  source,
  meanW,
  jPerOutputToken,
  interval,
  limit,
  atLimit,
  heatShare,
  host,
}: Power): string {
  const gpus = `${devices} GPU${devices === 1 ? '' : 's'}`;
  const what = of === 'cpu' ? 'CPU packages, without memory' : `${gpus}, without the host`;
  const lines = [`${digits(meanW)} W on ${what}, by ${source}`];
  if (jPerOutputToken !== null) {
    const range =
      interval === null
        ? ''
        : ` (95 % interval over the run: ${digits(interval[0])} to ${digits(interval[1])})`;
    lines.push(`${digits(jPerOutputToken)} J per output token${range}`);
  }
  if (limit !== null && atLimit !== null) {
    const name = limit.from === 'driver' ? 'power limit' : 'board power';
    const share = `${(100 * atLimit.share).toFixed(0)} % of the window`;
    lines.push(
      atLimit.by === 'driver'
        ? `throttled by the ${name} of ${limit.w} W for ${share}`
        : `at 97 % of the ${name} of ${limit.w} W or above for ${share}`,
    );
  }
  if (heatShare !== null && heatShare > 0)
    lines.push(`heat lowered the clock for ${(100 * heatShare).toFixed(0)} % of the window`);
  if (host !== null)
    lines.push(`${digits(host.meanW)} W on the whole machine, with the GPUs, by ${host.source}`);
  return `${lines.join('\n')}\n`;
}

function digits(value: number): string {
  return value >= 100 ? value.toFixed(0) : String(Number(value.toPrecision(3)));
}

async function rawIn(file: string): Promise<unknown> {
  try {
    return parseJson(await readFile(file, 'utf8'));
  } catch (error) {
    throw new InputError([{ file, message: `cannot be read: ${messageOf(error)}` }], undefined, {
      code: 'file-unreadable',
    });
  }
}

const measuredOn = z.looseObject({ provenance: z.looseObject({ node: z.string() }) });
const withoutPower = z.looseObject({
  telemetry: z.looseObject({ power: z.looseObject({ reason: z.string() }) }),
});

/** The node that a result was measured on. */
function nodeOf(raw: unknown): string | undefined {
  return measuredOn.safeParse(raw).data?.provenance.node;
}

function whyNone(raw: unknown): string {
  const reason = withoutPower.safeParse(raw).data?.telemetry.power.reason;
  return (
    reason ??
    'it must be a raw result of a sweep or of bench serve, whose server ran on a machine that can be read'
  );
}

/** The constants of the GPU that a node or pool is named after. */
async function constantsOf(hardware: string | undefined) {
  const [first] = hardware?.split(/[-_]/) ?? [];
  return (await loadGpuConstants()).find(({ gpu }) => gpu === first);
}

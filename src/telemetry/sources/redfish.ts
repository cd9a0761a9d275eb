import { z } from 'zod';
import { parseJson } from '../../bounded-json.ts';
import { bodyWithin } from '../../bounded-read.ts';
import type { RedfishAccess } from '../redfish-access.ts';
import { readingsOf, type TelemetrySource } from '../source.ts';

/** The power of the whole machine of each node, from its management controller by Redfish. */
export const redfish: TelemetrySource = {
  name: 'redfish',
  subject: 'chassis',
  intervalS: 5,
  open: ({ redfish: access }) => {
    if (access === undefined) return undefined;
    const controllers = access.urls.map((url) => new Controller(url, access));
    // The power of an engine is that of all its nodes: without one of them there is none.
    return async (timeoutMs) => {
      const watts = await Promise.all(controllers.map(async (one) => await one.watts(timeoutMs)));
      return watts.flatMap((powerW, node) => readingsOf(`node${node}`, { powerW }));
    };
  },
};

const link = z.looseObject({ '@odata.id': z.string().startsWith('/') });
const collection = z.looseObject({ Members: z.array(link) });
const power = z.looseObject({
  PowerControl: z.array(z.looseObject({ PowerConsumedWatts: z.number().nonnegative().nullish() })),
});
/** The newer form, from 2021 on. */
const environmentMetrics = z.looseObject({
  PowerWatts: z.looseObject({ Reading: z.number().nonnegative().nullish() }),
});

/** Reads the power of a chassis; undefined if it reports none. */
type ReadWatts = (path: string, deadline: AbortSignal) => Promise<number | undefined>;

/** One management controller. It finds the chassis with power once. */
class Controller {
  readonly #root: string;
  readonly #access: RedfishAccess;
  #chassis: { readonly path: string; readonly watts: ReadWatts } | undefined;

  constructor(root: string, access: RedfishAccess) {
    this.#root = root.replace(/\/+$/, '');
    this.#access = access;
  }

  async watts(timeoutMs: number): Promise<number> {
    const deadline = AbortSignal.timeout(timeoutMs);
    this.#chassis ??= await this.#find(deadline);
    const watts = await this.#chassis.watts(this.#chassis.path, deadline);
    if (watts === undefined) throw new Error(`${this.#root} reports no power any more`);
    return watts;
  }

  async #find(deadline: AbortSignal) {
    const { Members: members } = await this.#get('/redfish/v1/Chassis', collection, deadline);
    const wanted = this.#access.chassis;
    const all = members.map((member) => member['@odata.id'].replace(/\/+$/, ''));
    const asked = wanted === undefined ? all : all.filter((path) => path.endsWith(`/${wanted}`));
    const found = [];
    for (const path of asked) {
      for (const watts of [this.#powerOf, this.#metricsOf]) {
        if ((await watts(path, deadline)) === undefined) continue;
        found.push({ path, watts });
        break;
      }
    }
    const [one, ...others] = found;
    const names = (paths: readonly string[]) => paths.map((path) => path.split('/').at(-1)).join(', ');
    if (one === undefined)
      throw new Error(`${this.#root} has no chassis with a power reading (it has ${names(all) || 'none'})`);
    if (others.length > 0) {
      const several = names(found.map(({ path }) => path));
      throw new Error(
        `${this.#root} reports the power of ${several}: name the whole machine in redfish.chassis`,
      );
    }
    return one;
  }

  readonly #powerOf: ReadWatts = async (chassis, deadline) => {
    const read = await this.#ifPresent(`${chassis}/Power`, power, deadline);
    // Further entries are parts of the first one.
    return read?.PowerControl[0]?.PowerConsumedWatts ?? undefined;
  };

  readonly #metricsOf: ReadWatts = async (chassis, deadline) => {
    const read = await this.#ifPresent(`${chassis}/EnvironmentMetrics`, environmentMetrics, deadline);
    return read?.PowerWatts.Reading ?? undefined;
  };

  async #ifPresent<Schema extends z.ZodType>(
    path: string,
    schema: Schema,
    deadline: AbortSignal,
  ): Promise<z.output<Schema> | undefined> {
    return await this.#get(path, schema, deadline).catch((error: unknown) => {
      if (error instanceof Absent) return undefined;
      throw error;
    });
  }

  async #get<Schema extends z.ZodType>(
    path: string,
    schema: Schema,
    deadline: AbortSignal,
  ): Promise<z.output<Schema>> {
    const { credentials } = this.#access;
    if ('unset' in credentials) throw new Error(`${credentials.unset} is not set`);
    const { user, password } = credentials;
    const url = `${this.#root}${path}`;
    const response = await fetch(url, {
      headers: {
        accept: 'application/json',
        authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`,
      },
      // Credentials are for this controller only.
      redirect: 'error',
      signal: deadline,
    });
    if (!response.ok) {
      await response.body?.cancel();
      if (response.status === 404) throw new Absent(`${url} answers 404`);
      const hint = response.status === 401 ? ': the user or the password is wrong' : '';
      throw new Error(`${url} answers ${response.status}${hint}`);
    }
    const parsed = schema.safeParse(parseJson(await bodyWithin(response, longestAnswer)));
    // Without its schema's field, the resource has no power.
    if (!parsed.success) throw new Absent(`${url} has another form`);
    return parsed.data;
  }
}

class Absent extends Error {}

const longestAnswer = 1024 * 1024;

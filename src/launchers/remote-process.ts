import { setTimeout as delay } from 'node:timers/promises';
import { vendorNamed } from '../accelerators/index.ts';
import { WorkError } from '../errors.ts';
import { type Host, mustRun, type Reached } from '../hosts/index.ts';
import { engineEnvironment } from './engine-environment.ts';
import { type EngineRecord, EngineRecords, newRecord, tokenVariable } from './engine-record.ts';
import { waitUntilIdle } from './idle.ts';
import { inEngineTerms } from './in-engine-terms.ts';
import type {
  EndedOrphan,
  EngineExit,
  LaunchContext,
  Launcher,
  LaunchRequest,
  Reservation,
  ReserveRequest,
  RunningEngine,
} from './launcher.ts';
import type { LocalSettings } from './pool-settings.ts';
import { refuseAnsweringPort } from './port.ts';
import { exitOf } from './process-exit.ts';
import { singleNodeOnly, singleStepOnly } from './single-node.ts';

/** Sends the signal $1 to every process whose environment holds $2=$3, and prints their numbers; 0 only looks. */
const signalByEnvironment = `for each in /proc/[0-9]*; do
  if grep -qzxF "$2=$3" "$each/environ" 2>/dev/null; then
    kill -s "$1" "\${each#/proc/}" 2>/dev/null && echo "\${each#/proc/}"
  fi
done
exit 0`;

const commandMs = 60_000;
const killMs = 10_000;
const pollMs = 200;

type LocalRecord = Extract<EngineRecord, { launcher: 'local' }>;

/** Starts engines as processes of a host that ssh reaches: what is installed there, found again by their token. */
export class RemoteProcessLauncher implements Launcher {
  readonly runs = 'installed engines';
  readonly #settings: LocalSettings;
  readonly #host: Host;
  readonly #records: EngineRecords;
  readonly #graceMs: number;

  constructor(
    settings: LocalSettings,
    host: Host,
    recordFolder: string,
    options: { readonly graceMs?: number } = {},
  ) {
    this.#settings = settings;
    this.#host = host;
    this.#records = new EngineRecords(recordFolder);
    this.#graceMs = options.graceMs ?? 10_000;
  }

  async endOrphans(): Promise<EndedOrphan[]> {
    const ended: EndedOrphan[] = [];
    for (const record of await this.#records.orphans('local', this.#host.destination)) {
      if (await this.#end(record.token)) ended.push({ sessionId: record.sessionId, port: record.port });
      await this.#records.remove(record.token);
    }
    return ended;
  }

  async reserve(request: ReserveRequest): Promise<Reservation> {
    singleNodeOnly(request, 'local');
    await inEngineTerms(async () => await this.#host.writeFiles(request.workDir, []));
    return {
      nodes: [this.#host.destination ?? ''],
      node: this.#host,
      start: async (launch, context) =>
        await inEngineTerms(async () => await this.#start(launch, request.workDir, context)),
      release: async () => {},
    };
  }

  async #start(request: LaunchRequest, workDir: string, context: LaunchContext): Promise<RunningEngine> {
    singleStepOnly(request, 'local');
    await waitUntilIdle(
      vendorNamed(this.#settings.accelerator),
      this.#host,
      this.#settings['idle-timeout-s'],
      context,
    );
    await this.#host.writeFiles(workDir, request.files ?? []);
    const reached = await this.#host.reach('127.0.0.1', request.port, context);
    try {
      await refuseAnsweringPort(reached.baseUrl, request, this.#records);
      return await this.#run(request, this.#host.folderFor(workDir), reached);
    } catch (error) {
      await reached.close();
      throw error;
    }
  }

  async #run(request: LaunchRequest, folder: string, reached: Reached): Promise<RunningEngine> {
    const { cpus } = this.#settings;
    const { sessionId, port } = request;
    const record: LocalRecord = {
      launcher: 'local',
      ...(await newRecord(sessionId, port, this.#host.destination)),
    };
    await this.#records.write(record);
    const pinned = cpus === undefined ? request.argv : ['taskset', '--cpu-list', cpus, ...request.argv];
    const env = engineEnvironment(this.#settings, request, record.token);
    const client = await this.#host
      .start(pinned, { env, folder, logPath: request.logPath })
      .catch(async (error: unknown) => {
        await this.#records.remove(record.token);
        throw error;
      });
    const exited = client.ended.then(({ code, signal }) => this.#exit(code, signal));
    let stopping: Promise<void> | undefined;
    return {
      baseUrl: reached.baseUrl,
      logPath: request.logPath,
      exited,
      stop: () => {
        stopping ??= (async () => {
          await this.#end(record.token);
          client.kill('SIGTERM');
          await reached.close();
          await this.#records.remove(record.token);
        })();
        return stopping;
      },
    };
  }

  /** ssh itself ends with 255, which is then what is known of the engine: nothing. */
  #exit(code: number | null, signal: string | null): EngineExit {
    if (code !== 255) return exitOf(code, signal);
    const message = `the connection to ${this.#host.destination} was lost`;
    return { code, signal, reason: { failureClass: 'node-lost', message } };
  }

  /** Asks the processes of a token to end, then makes them; whether there were any. */
  async #end(token: string): Promise<boolean> {
    const start = performance.now();
    let pids = await this.#signal('TERM', token);
    const any = pids.length > 0;
    while (pids.length > 0) {
      const elapsedMs = performance.now() - start;
      if (elapsedMs > this.#graceMs + killMs) {
        throw new WorkError(
          `processes ${pids.join(', ')} of ${this.#host.destination} do not end, even by SIGKILL`,
        );
      }
      await delay(pollMs);
      pids = await this.#signal(elapsedMs > this.#graceMs ? 'KILL' : '0', token);
    }
    return any;
  }

  async #signal(signal: 'TERM' | 'KILL' | '0', token: string): Promise<string[]> {
    const argv = ['sh', '-c', signalByEnvironment, 'signal-by-environment', signal, tokenVariable, token];
    const printed = await mustRun(this.#host, argv, { timeoutMs: commandMs });
    return printed.split('\n').filter((pid) => pid !== '');
  }
}

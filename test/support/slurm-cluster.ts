import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { freePort } from './free-port.ts';

const programs = ['/usr/sbin/munged', '/usr/sbin/slurmctld', '/usr/sbin/slurmd'];
const startMs = 30_000;

/** Why Slurm cannot be started here; undefined if it can. */
export function slurmMissing(): string | undefined {
  const missing = programs.filter((program) => !existsSync(program));
  if (missing.length > 0) return `${missing.join(', ')} not installed (slurm-wlm, munge)`;
  return userInfo().uid === 0 ? undefined : 'starting slurmd needs root';
}

/** A real Slurm on this machine, in a temporary folder; its daemons are children of the test and end with it. */
export class SlurmCluster {
  readonly folder: string;
  /** The environment that Slurm's commands need for this cluster. */
  readonly env: Readonly<Record<string, string>>;
  readonly nodes: readonly string[];
  readonly #daemons = new Map<string, ChildProcess>();

  private constructor(folder: string, nodes: readonly string[]) {
    this.folder = folder;
    this.nodes = nodes;
    this.env = { SLURM_CONF: join(folder, 'slurm.conf') };
  }

  /**
   * Starts a cluster and returns when every node is idle.
   * @param slurmdTimeoutS Seconds without a sign of life after which a node is down.
   */
  static async start({ nodeCount = 1, slurmdTimeoutS = 5, gpusPerNode = 0 } = {}): Promise<SlurmCluster> {
    const folder = await mkdtemp(join(tmpdir(), 'slurm-'));
    await chmod(folder, 0o755);
    const nodes = Array.from({ length: nodeCount }, (_, index) => `test-node-${index}`);
    const cluster = new SlurmCluster(folder, nodes);
    try {
      await cluster.#configure(slurmdTimeoutS, gpusPerNode);
      await cluster.#startDaemon('munged', [
        '--foreground',
        '--force',
        `--key-file=${join(folder, 'munge.key')}`,
        `--socket=${join(folder, 'munge.socket')}`,
        `--pid-file=${join(folder, 'munge.pid')}`,
        `--log-file=${join(folder, 'munge.log')}`,
        `--seed-file=${join(folder, 'munge.seed')}`,
      ]);
      await waitFor('the munge socket', async () => existsSync(join(folder, 'munge.socket')));
      await cluster.#startDaemon('slurmctld', ['-D', '-c']);
      for (const node of nodes) await cluster.startNode(node);
      await waitFor('idle nodes', async () =>
        (await cluster.nodeStates()).every((state) => state === 'idle'),
      );
      return cluster;
    } catch (error) {
      const logs = await Promise.all(
        ['slurmctld', ...nodes].map((name) => readFile(join(folder, `${name}.out`), 'utf8').catch(() => '')),
      );
      await cluster.stop();
      throw new Error(`Slurm did not start: ${logs.map((log) => log.slice(-2000)).join('\n')}`, {
        cause: error,
      });
    }
  }

  async startNode(node: string): Promise<void> {
    await this.#startDaemon('slurmd', ['-D', '-N', node], node);
  }

  /** Kills a node's daemon; its jobs keep running, because the cluster cannot reach the node. */
  async killNode(node: string): Promise<void> {
    await this.#kill(node, 'SIGKILL');
  }

  /** The output of the Slurm command `program`. */
  async command(program: string, ...args: string[]): Promise<string> {
    const { stdout } = await promisify(execFile)(program, args, { env: { ...process.env, ...this.env } });
    return stdout.trim();
  }

  async nodeStates(): Promise<string[]> {
    const states = await this.command('sinfo', '--noheader', '--Node', '--format=%T').catch(() => 'none');
    return states.split('\n');
  }

  /** The numbers of all jobs that are pending, running or completing. */
  async jobs(): Promise<string[]> {
    return (await this.command('squeue', '--noheader', '--format=%i')).split('\n').filter((id) => id !== '');
  }

  /** The running steps of engines, in the form for `scancel`. Jobs may also have steps that only inspect a node. */
  async engineSteps(): Promise<string[]> {
    const steps = await this.command('squeue', '--steps', '--noheader', '--format=%i %j');
    return steps.split('\n').flatMap((line) => /^(\S+) engine-/.exec(line)?.slice(1) ?? []);
  }

  async stop(): Promise<void> {
    if (this.#daemons.has('slurmctld'))
      await this.command('scancel', `--user=${userInfo().username}`).catch(() => '');
    await delay(this.#daemons.size > 2 ? 300 : 0);
    for (const name of [...this.#daemons.keys()].toReversed()) await this.#kill(name, 'SIGTERM');
    await rm(this.folder, { recursive: true, force: true });
  }

  async #startDaemon(program: string, args: readonly string[], name = program): Promise<void> {
    const log = await open(join(this.folder, `${name}.out`), 'a');
    // It ends when this process ends for any reason.
    const daemon = spawn('setpriv', ['--pdeathsig', 'KILL', `/usr/sbin/${program}`, ...args], {
      stdio: ['ignore', log.fd, log.fd],
      env: { ...process.env, ...this.env },
    });
    await log.close();
    this.#daemons.set(name, daemon);
  }

  async #kill(name: string, signal: NodeJS.Signals): Promise<void> {
    const daemon = this.#daemons.get(name);
    this.#daemons.delete(name);
    if (daemon === undefined || daemon.exitCode !== null || daemon.signalCode !== null) return;
    const exited = once(daemon, 'exit');
    daemon.kill(signal);
    const late = setTimeout(() => daemon.kill('SIGKILL'), 10_000);
    await exited;
    clearTimeout(late);
  }

  async #configure(slurmdTimeoutS: number, gpusPerNode: number): Promise<void> {
    const { folder, nodes } = this;
    for (const name of ['state', 'spool']) await mkdir(join(folder, name));
    await writeFile(join(folder, 'munge.key'), randomBytes(1024), { mode: 0o400 });
    const gres = gpusPerNode === 0 ? '' : ` Gres=gpu:${gpusPerNode}`;
    const nodeLines: string[] = [];
    for (const node of nodes) {
      nodeLines.push(
        `NodeName=${node} NodeHostname=localhost NodeAddr=127.0.0.1 Port=${await freePort()} CPUs=2 RealMemory=512${gres} State=UNKNOWN`,
      );
    }
    const lines = [
      'ClusterName=test',
      `SlurmctldHost=localhost(127.0.0.1)`,
      `SlurmctldPort=${await freePort()}`,
      'AuthType=auth/munge',
      `AuthInfo=socket=${join(folder, 'munge.socket')}`,
      'CredType=cred/munge',
      'SlurmUser=root',
      `StateSaveLocation=${join(folder, 'state')}`,
      `SlurmdSpoolDir=${join(folder, 'spool')}/%n`,
      `SlurmctldPidFile=${join(folder, 'slurmctld.pid')}`,
      `SlurmdPidFile=${join(folder, 'slurmd-%n.pid')}`,
      'ProctrackType=proctrack/linuxproc',
      'TaskPlugin=task/none',
      'SelectType=select/cons_tres',
      'SelectTypeParameters=CR_Core',
      'MpiDefault=none',
      'ReturnToService=2',
      `SlurmdTimeout=${slurmdTimeoutS}`,
      'KillWait=2',
      'MinJobAge=60',
      'SchedulerParameters=sched_interval=1,batch_sched_delay=0',
      'AccountingStorageType=accounting_storage/none',
      'JobAcctGatherType=jobacct_gather/none',
      ...(gpusPerNode === 0 ? [] : ['GresTypes=gpu']),
      ...nodeLines,
      'PreemptType=preempt/partition_prio',
      'PreemptMode=CANCEL',
      `PartitionName=main Nodes=${nodes.join(',')} Default=YES MaxTime=INFINITE State=UP PriorityTier=10`,
      // Jobs here are preempted by jobs in the partition main.
      `PartitionName=scavenge Nodes=${nodes.join(',')} MaxTime=60 State=UP PriorityTier=1`,
      '',
    ];
    await writeFile(join(folder, 'slurm.conf'), lines.join('\n'));
    if (gpusPerNode > 0) {
      // Device files that exist everywhere represent the GPUs.
      const files = ['/dev/null', '/dev/zero', '/dev/full', '/dev/random'].slice(0, gpusPerNode);
      const gpus = nodes.flatMap((node) => files.map((file) => `NodeName=${node} Name=gpu File=${file}`));
      await writeFile(join(folder, 'gres.conf'), `${gpus.join('\n')}\n`);
    }
  }
}

async function waitFor(what: string, holds: () => Promise<boolean>): Promise<void> {
  const start = performance.now();
  while (!(await holds())) {
    if (performance.now() - start > startMs) throw new Error(`no ${what} after ${startMs} ms`);
    await delay(100);
  }
}

import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A GPU of the stand-in. */
export interface StandInGpu {
  readonly uuid: string;
  powerW: number;
  /** Joules since its driver was loaded. */
  energyJ: number;
}

/** What an answer is, instead of the exporter's text. */
export type Answer = 'text' | 'nothing' | 'not a text of metrics' | 'an error';

/** A DCGM exporter of one node as a real HTTP server, with the text of dcgm-exporter 4 and the faults of real ones. */
export class DcgmExporter {
  readonly hostname: string;
  readonly gpus: StandInGpu[];
  answer: Answer = 'text';
  /** How many requests came. */
  scrapes = 0;
  readonly #server: Server;
  readonly #late: ServerResponse[] = [];
  readonly #waiting: { readonly count: number; readonly done: () => void }[] = [];

  private constructor(hostname: string, powersW: readonly number[]) {
    this.hostname = hostname;
    this.gpus = powersW.map((powerW, index) => ({ uuid: `GPU-${hostname}-${index}`, powerW, energyJ: 5e6 }));
    this.#server = createServer((_, response) => this.#respond(response));
  }

  /** Starts the exporter of a node whose GPUs have these powers. */
  static async start(hostname: string, powersW: readonly number[]): Promise<DcgmExporter> {
    const exporter = new DcgmExporter(hostname, powersW);
    exporter.#server.listen(0, '127.0.0.1');
    await once(exporter.#server, 'listening');
    return exporter;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}/metrics`;
  }

  /** Resolves after that many more requests. */
  async scrapedAgain(count: number): Promise<void> {
    await new Promise<void>((done) => this.#waiting.push({ count: this.scrapes + count, done }));
  }

  /** The node dies: connections break, and nothing listens any more. */
  async stop(): Promise<void> {
    for (const response of this.#late) response.destroy();
    this.#server.closeAllConnections();
    if (!this.#server.listening) return;
    this.#server.close();
    await once(this.#server, 'close');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  /** The text of all fields, as the exporter writes it. */
  get text(): string {
    return [
      ...this.#field('DCGM_FI_DEV_SM_CLOCK', 'gauge', 'SM clock frequency (in MHz).', () => '1980'),
      ...this.#field('DCGM_FI_DEV_POWER_USAGE', 'gauge', 'Power draw (in W).', ({ powerW }) =>
        powerW.toFixed(6),
      ),
      ...this.#field(
        'DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION',
        'counter',
        'Total energy consumption since boot (in mJ).',
        ({ energyJ }) => String(Math.round(1000 * energyJ)),
      ),
      ...this.#field('DCGM_FI_DEV_GPU_UTIL', 'gauge', 'GPU utilization (in %).', () => '97'),
      // What a GPU does not report.
      ...this.#field('DCGM_FI_DEV_MEMORY_TEMP', 'gauge', 'Memory temperature (in C).', () => '2147483632'),
      '',
    ].join('\n');
  }

  #field(name: string, type: string, help: string, value: (gpu: StandInGpu) => string): string[] {
    const lines = this.gpus.map((gpu, index) => {
      const labels = [
        `gpu="${index}"`,
        `UUID="${gpu.uuid}"`,
        `pci_bus_id="00000000:${index}B:00.0"`,
        `device="nvidia${index}"`,
        'modelName="NVIDIA H100 80GB HBM3"',
        `Hostname="${this.hostname}"`,
        'DCGM_FI_DRIVER_VERSION="570.124.06"',
      ];
      return `${name}{${labels.join(',')}} ${value(gpu)}`;
    });
    return [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, ...lines];
  }

  #respond(response: ServerResponse): void {
    this.scrapes += 1;
    for (const { count, done } of this.#waiting) if (count <= this.scrapes) done();
    const answers: Record<Answer, () => void> = {
      text: () => void response.setHeader('content-type', 'text/plain; version=0.0.4').end(this.text),
      nothing: () => void this.#late.push(response),
      'not a text of metrics': () => void response.end('DCGM_FI_DEV_POWER_USAGE{gpu="0",UUID="GP'),
      'an error': () => void response.writeHead(500).end('Failed to collect metrics'),
    };
    answers[this.answer]();
  }
}

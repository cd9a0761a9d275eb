import { join, resolve } from 'node:path';

/** The folder for runs, the store and records of started engines; `.inferencemax` by default. */
export class StateFolder {
  readonly path: string;

  constructor(path: string) {
    this.path = resolve(path);
  }

  get runs(): string {
    return join(this.path, 'runs');
  }
  get engineRecords(): string {
    return join(this.path, 'engines');
  }
  /** Hashes of the tokens that may write to a server. */
  get tokens(): string {
    return join(this.path, 'tokens.json');
  }
  get nodeLocks(): string {
    return join(this.path, 'nodes');
  }
  /** Nodes that are not used until the doctor finds them healthy. */
  get brokenNodes(): string {
    return join(this.path, 'broken-nodes');
  }
  /** Facts about servers whose load tests were published. */
  get servers(): string {
    return join(this.path, 'servers.json');
  }
  get store(): string {
    return join(this.path, 'store.sqlite');
  }
}

import { join, resolve } from 'node:path';

/** The folder, `.inferencemax` unless told otherwise, that keeps runs, the store and the records of started engines. */
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
  /** The hashes of the tokens that may write to a server. */
  get tokens(): string {
    return join(this.path, 'tokens.json');
  }
  get nodeLocks(): string {
    return join(this.path, 'nodes');
  }
  /** Nodes that are out of use until the doctor finds them well. */
  get brokenNodes(): string {
    return join(this.path, 'broken-nodes');
  }
  /** What was said of servers that load tests were published of. */
  get servers(): string {
    return join(this.path, 'servers.json');
  }
  get store(): string {
    return join(this.path, 'store.sqlite');
  }
}

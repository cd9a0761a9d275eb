import { type Fault, InputError } from '../errors.ts';

/** What is wrong with an item of a config and is found out when its entries are made. */
export class ItemFault extends InputError {
  readonly key: string;
  readonly path: readonly (string | number)[];
  readonly fault: Fault;

  constructor(key: string, path: readonly (string | number)[], fault: Fault) {
    super([{ ...fault, message: `config '${key}': ${fault.message}` }]);
    this.key = key;
    this.path = path;
    this.fault = fault;
  }
}

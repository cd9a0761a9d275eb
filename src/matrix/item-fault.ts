import { type Fault, InputError } from '../errors.ts';

/** An error in a config item that is found when its entries are generated. */
export class ItemFault extends InputError {
  readonly key: string;
  readonly path: readonly (string | number)[];
  readonly fault: Fault;

  constructor(key: string, path: readonly (string | number)[], fault: Fault) {
    super([{ ...fault, message: `config '${key}': ${fault.message}` }], undefined, { code: 'bad-config' });
    this.key = key;
    this.path = path;
    this.fault = fault;
  }
}

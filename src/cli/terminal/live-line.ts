import { fitting, widthOf } from './fit.ts';

/** One line of a terminal that is written over again and again. */
export class LiveLine {
  readonly #output: NodeJS.WriteStream;
  #length = 0;

  constructor(output: NodeJS.WriteStream) {
    this.#output = output;
  }

  /** Shows as many of the parts as fit in place of what was there. */
  show(parts: readonly string[]): void {
    const line = fitting(parts, widthOf(this.#output) - 1);
    this.#output.write(`${this.#erasing()}${line}`);
    this.#length = line.length;
  }

  /** Takes the line away. */
  clear(): void {
    if (this.#length > 0) this.#output.write(this.#erasing());
    this.#length = 0;
  }

  /** Leaves the line where it is; what is written next begins below it. */
  end(): void {
    if (this.#length > 0) this.#output.write('\n');
    this.#length = 0;
  }

  /** A terminal that got narrower since has broken the line: all of its rows have to go. */
  #erasing(): string {
    const rowsAbove = Math.max(0, Math.ceil(this.#length / widthOf(this.#output)) - 1);
    return `${rowsAbove > 0 ? `\u001b[${rowsAbove}A` : ''}\r\u001b[J`;
  }
}

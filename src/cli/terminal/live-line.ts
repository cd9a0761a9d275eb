import { fitting, widthOf } from './fit.ts';

/** A line of a terminal that is redrawn in place. */
export class LiveLine {
  readonly #output: NodeJS.WriteStream;
  #length = 0;

  constructor(output: NodeJS.WriteStream) {
    this.#output = output;
  }

  /** Replaces the line with as many of the parts as fit. */
  show(parts: readonly string[]): void {
    const line = fitting(parts, widthOf(this.#output) - 1);
    this.#output.write(`${this.#erasing()}${line}`);
    this.#length = line.length;
  }

  /** Removes the line. */
  clear(): void {
    if (this.#length > 0) this.#output.write(this.#erasing());
    this.#length = 0;
  }

  /** Leaves the line as it is; later output starts below it. */
  end(): void {
    if (this.#length > 0) this.#output.write('\n');
    this.#length = 0;
  }

  /** If the terminal got narrower, the line has wrapped: all of its rows must be erased. */
  #erasing(): string {
    const rowsAbove = Math.max(0, Math.ceil(this.#length / widthOf(this.#output)) - 1);
    return `${rowsAbove > 0 ? `\u001b[${rowsAbove}A` : ''}\r\u001b[J`;
  }
}

/** One event as it was sent. */
export interface SentEvent {
  readonly name: string;
  readonly data: string;
  readonly atMs: number;
}

/**
 * Reads the content of a stream, independently of the reader that measures, so that a question does not rely on what it
 * checks. Lines of JSON without `data:` are also events.
 */
export class LineReader {
  readonly events: SentEvent[] = [];
  comments = 0;
  #rest = '';
  #name = '';
  #data: string[] = [];

  push(text: string, atMs: number): void {
    // A carriage return at the end may be half of a line ending.
    const lines = (this.#rest + text).split(/\r\n|\n|\r(?!$)/);
    this.#rest = lines.pop() ?? '';
    for (const line of lines) this.#line(line, atMs);
  }

  end(atMs: number): void {
    this.#line(this.#rest.replace(/\r$/, ''), atMs);
    this.#line('', atMs);
  }

  #line(line: string, atMs: number): void {
    const [, field = '', value = ''] = /^\ufeff?(data|event|error): ?(.*)$/s.exec(line) ?? [];
    if (line === '') this.#dispatch(atMs);
    else if (field === 'data') this.#data.push(value);
    else if (field === 'event') this.#name = value;
    else if (field === 'error') this.events.push({ name: 'error', data: value, atMs });
    else if (line.startsWith('{')) this.events.push({ name: '', data: line, atMs });
    else if (line.startsWith(':')) this.comments++;
  }

  #dispatch(atMs: number): void {
    const data = this.#data.join('\n');
    if (data !== '') this.events.push({ name: this.#name, data, atMs });
    this.#data = [];
    this.#name = '';
  }
}

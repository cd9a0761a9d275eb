/** A float whose text in public tools differs from that of a JavaScript number, such as `1.0` or `1e-05`. */
export class WrittenFloat {
  readonly value: number;

  constructor(value: number) {
    this.value = value;
  }

  /** Its text as Python writes it, which is what public tools pass to engines. */
  toString(): string {
    const { value } = this;
    if (!Number.isFinite(value)) return Number.isNaN(value) ? 'nan' : value < 0 ? '-inf' : 'inf';
    const [mantissa = '', exponent = ''] = value.toExponential().split('e');
    const power = Number(exponent);
    if (power >= -4 && power < 16) return Number.isInteger(value) ? `${value}.0` : String(value);
    return `${mantissa}e${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`;
  }

  toJSON(): number {
    return this.value;
  }
}

/** A float as a number, or as a WrittenFloat if its text would change. */
export function floatAsWritten(value: number): number | WrittenFloat {
  const written = new WrittenFloat(value);
  return String(value) === written.toString() ? value : written;
}

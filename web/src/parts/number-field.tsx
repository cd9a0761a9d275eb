import { useId, useState } from 'preact/hooks';

interface NumberFieldProps {
  readonly label: string;
  readonly value: number | undefined;
  readonly placeholder?: string;
  readonly min: number;
  readonly step: number;
  /** Called with valid numbers; undefined if the field was cleared. */
  onChange(value: number | undefined): void;
}

/** A number that takes effect while it is typed; invalid input shows an error and changes nothing. */
export function NumberField({ label, value, placeholder, min, step, onChange }: NumberFieldProps) {
  const [typed, setTyped] = useState<string>();
  const id = useId();
  const shown = typed ?? (value === undefined ? '' : String(value));
  const isWrong = shown !== '' && !(Number(shown) >= min);
  return (
    <div class="field">
      <label for={id}>
        <span>{label}</span>
      </label>
      <input
        id={id}
        type="number"
        inputMode="decimal"
        value={shown}
        placeholder={placeholder}
        min={min}
        step={step}
        aria-invalid={isWrong}
        aria-describedby={isWrong ? `${id}-wrong` : undefined}
        onInput={(event) => {
          const text = event.currentTarget.value;
          setTyped(text);
          if (text === '') onChange(undefined);
          else if (Number(text) >= min) onChange(Number(text));
        }}
        onBlur={() => setTyped(undefined)}
      />
      {isWrong && (
        <span id={`${id}-wrong`} class="bad hint">
          a number of at least {min}
        </span>
      )}
    </div>
  );
}

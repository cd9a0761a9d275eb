import { useId, useState } from 'preact/hooks';
import type { Bounds } from '../state/params.ts';
import { boundsWords, typedNumber } from './typed-number.ts';

interface NumberFieldProps {
  readonly label: string;
  readonly value: number | undefined;
  readonly placeholder?: string;
  readonly bounds: Bounds;
  readonly step: number;
  /** Called with valid numbers; undefined if the field was cleared. */
  onChange(value: number | undefined): void;
}

/** A number that takes effect while it is typed; invalid input shows an error and changes nothing. */
export function NumberField({ label, value, placeholder, bounds, step, onChange }: NumberFieldProps) {
  const [typed, setTyped] = useState<{ readonly text: string; readonly isWrong: boolean }>();
  const id = useId();
  const isWrong = typed?.isWrong ?? false;
  return (
    <div class="field">
      <label for={id}>
        <span>{label}</span>
      </label>
      <input
        id={id}
        type="number"
        inputMode="decimal"
        value={typed?.text ?? (value === undefined ? '' : String(value))}
        placeholder={placeholder}
        min={bounds.min}
        max={bounds.max === Number.POSITIVE_INFINITY ? undefined : bounds.max}
        step={step}
        aria-invalid={isWrong}
        aria-describedby={isWrong ? `${id}-wrong` : undefined}
        onInput={({ currentTarget: { value: text, validity } }) => {
          const asked = typedNumber(text, bounds, validity.badInput);
          setTyped({ text, isWrong: asked === 'wrong' });
          if (asked !== 'wrong') onChange(asked === 'empty' ? undefined : asked);
        }}
        onBlur={() => setTyped(undefined)}
      />
      {isWrong && (
        <span id={`${id}-wrong`} class="bad hint">
          {boundsWords(bounds)}
        </span>
      )}
    </div>
  );
}

export interface Option {
  readonly value: string;
  readonly text: string;
  /** Options of a group are listed under its name. */
  readonly group?: string | undefined;
}

interface ChoiceProps {
  readonly label: string;
  readonly value: string;
  readonly options: readonly Option[];
  onChange(value: string): void;
}

/** One of several options; the browser's own control works on every device and with assistive technology. */
export function Choice({ label, value, options, onChange }: ChoiceProps) {
  const groups = Map.groupBy(options, ({ group }) => group ?? '');
  return (
    <label class="field">
      <span>{label}</span>
      <select value={value} onChange={(event) => onChange(event.currentTarget.value)}>
        {[...groups].map(([group, members]) =>
          group === '' ? (
            <Options key={group} options={members} chosen={value} />
          ) : (
            <optgroup key={group} label={group}>
              <Options options={members} chosen={value} />
            </optgroup>
          ),
        )}
      </select>
    </label>
  );
}

function Options({ options, chosen }: { readonly options: readonly Option[]; readonly chosen: string }) {
  return (
    <>
      {options.map(({ value, text }) => (
        <option key={value} value={value} selected={value === chosen}>
          {text}
        </option>
      ))}
    </>
  );
}

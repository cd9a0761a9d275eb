import type { PublishedSweep } from '../../../../src/server/api.ts';
import { parseWhen } from '../../data/shape-points.ts';
import { Choice } from '../../parts/choice.tsx';
import { day } from '../../parts/format.ts';

interface WhenChoiceProps {
  readonly label: string;
  /** The text of the empty choice. */
  readonly none: string;
  readonly value: string;
  readonly runs: readonly PublishedSweep[];
  onChange(value: string): void;
}

/** A run with evaluations only has no points. */
function hasPoints({ measurements: { checked, unchecked, suspect } }: PublishedSweep): boolean {
  return checked + unchecked + suspect > 0;
}

/** The latest measurements, those as of a day, or those of a run. */
export function WhenChoice({ label, none, value, runs, onChange }: WhenChoiceProps) {
  const when = parseWhen(value);
  const newest = runs[0]?.createdAt.slice(0, 10) ?? new Date().toISOString().slice(0, 10);
  const known = runs.some(({ id }) => id === value);
  return (
    <div class="when">
      <Choice
        label={label}
        value={when.kind === 'day' ? 'day' : value}
        options={[
          { value: '', text: none },
          { value: 'day', text: 'As of a day…' },
          ...(when.kind === 'run' && !known ? [{ value, text: value, group: 'Runs' }] : []),
          ...runs.filter(hasPoints).map(({ id, createdAt }) => ({
            value: id,
            text: `${day(createdAt)} · ${id}`,
            group: 'Runs',
          })),
        ]}
        onChange={(asked) => onChange(asked === 'day' ? newest : asked)}
      />
      {when.kind === 'day' && (
        <label class="field">
          <span class="visually-hidden">{label}: the day (UTC)</span>
          <input
            type="date"
            value={when.day}
            onChange={(event) => event.currentTarget.value !== '' && onChange(event.currentTarget.value)}
          />
        </label>
      )}
    </div>
  );
}

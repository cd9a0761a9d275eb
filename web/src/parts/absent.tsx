import type { Need } from '../../../src/derived/answer.ts';
import { type AbsentHardware, absenceWords } from '../data/decision-words.ts';
import type { Names } from '../data/names.ts';

interface AbsentProps {
  readonly title: string;
  readonly absent: readonly AbsentHardware[];
  readonly need: Need;
  readonly names: Names;
}

/** The hardware that has no answer to the question, each with the reason. */
export function Absent({ title, absent, need, names }: AbsentProps) {
  if (absent.length === 0) return null;
  return (
    <p class="absent">
      {title}:{' '}
      {absent.map((one, at) => (
        <span key={one.hw} data-absent={one.hw} data-reason={one.reason}>
          {at > 0 && '; '}
          <b>{names.hardware(one.hw)}</b>: {absenceWords(one, need)}
        </span>
      ))}
      .
    </p>
  );
}

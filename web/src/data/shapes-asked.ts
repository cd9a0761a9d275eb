import { type ChartFilterName, chartFilterFields } from '../../../src/identity/spelling.ts';
import type { QuestionValues } from '../state/question.ts';

/** A property that selects among the charts of a model. */
export interface ChartFilter {
  readonly name: ChartFilterName;
  readonly label: string;
  of(shape: object): string;
}

export const chartFilters: readonly ChartFilter[] = chartFilterFields.map(({ name, label, api, line }) => ({
  name,
  label,
  of: (shape: object) => {
    const values: Readonly<Record<string, unknown>> = { ...shape };
    return String(values[api] ?? line.default ?? 'none');
  },
}));

/** The shapes that a view asks for; all of them if none matches. */
export function shapesAsked<Shape extends object>(
  shapes: readonly Shape[],
  values: Pick<QuestionValues, ChartFilterName>,
): readonly Shape[] {
  const asked = shapes.filter((shape) =>
    chartFilters.every(({ name, of }) => values[name] === '' || values[name] === of(shape)),
  );
  return asked.length > 0 ? asked : shapes;
}

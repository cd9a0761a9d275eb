import type { ViewName } from './route.ts';

/** The parts of the question, in the order in which they are asked. */
export const questionParts = [
  'subject',
  'speed',
  'share',
  'firstToken',
  'arrival',
  'precision',
  'prices',
] as const;
export type QuestionPart = (typeof questionParts)[number];

export interface AskedIn {
  readonly parts: readonly QuestionPart[];
  /** Whether the view is the answer; otherwise the question is one line that can be opened. */
  readonly isOpen: boolean;
  /** What the question is for, if it is not the whole view. */
  readonly for?: string;
}

/** The parts of the question that each view depends on. A view without a line does not depend on it and does not show it. */
export const askedIn: Readonly<Partial<Record<ViewName, AskedIn>>> = {
  overview: { parts: questionParts, isOpen: true },
  // Prices are chosen with the axis.
  explore: { parts: ['subject', 'speed', 'share', 'firstToken', 'arrival', 'precision'], isOpen: true },
  cost: { parts: questionParts, isOpen: true },
  history: { parts: ['subject', 'speed', 'share', 'firstToken', 'arrival', 'precision'], isOpen: true },
  // Compared at the point's own speed, model and workload.
  point: {
    parts: ['share', 'firstToken', 'arrival', 'precision'],
    isOpen: false,
    for: 'Limits of “Place on the frontier”',
  },
};

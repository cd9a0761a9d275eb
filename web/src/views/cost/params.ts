import { type QuestionValues, questionParams } from '../../state/question.ts';

/** All of it is the question. */
export const costParams = questionParams;

export type CostValues = QuestionValues;

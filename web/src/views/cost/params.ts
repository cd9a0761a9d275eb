import { type QuestionValues, questionParams } from '../../state/question.ts';

/** All parameters belong to the question. */
export const costParams = questionParams;

export type CostValues = QuestionValues;

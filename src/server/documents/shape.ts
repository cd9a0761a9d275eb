import type { z } from 'zod';
import { chartOf, exactly } from '../../identity/index.ts';
import { type Knowledge, shownPoints, shownShapes } from '../knowledge.ts';
import { columnsDocument, shape } from './columns.ts';
import { documentKind } from './document.ts';
import { columnsOf, type Shape, shapeNamed } from './point-columns.ts';

/** `shapes/<key>`: the latest measurement of every configuration and concurrency of a model and shape. */
export const shapeDocument = columnsDocument.extend({ shape });

export const shapeKind = documentKind<typeof shapeDocument, 'shape'>({
  path: 'shapes/{shape}',
  summary: 'The latest measurement of every configuration and concurrency of a model and shape.',
  schema: shapeDocument,
  all: async (knowledge) => (await shapesOf(knowledge)).map(({ key }) => ({ shape: key })),
  build: async (knowledge, { shape }) => await shapeDocumentOf(knowledge, shape),
});

/** Builds `shapes/<key>`; undefined if there is no such model and shape. */
export async function shapeDocumentOf(
  knowledge: Knowledge,
  key: string,
): Promise<z.infer<typeof shapeDocument> | undefined> {
  const shape = await shapeWithKey(knowledge, key);
  if (shape === undefined) return undefined;
  const points = await shownPoints(knowledge, exactly(chartOf(shape)));
  return { shape, ...columnsOf(points, knowledge.gpus) };
}

/** Every model and shape with a point. */
export async function shapesOf(knowledge: Knowledge): Promise<Shape[]> {
  const shapes = (await shownShapes(knowledge)).map(shapeNamed);
  return [...new Map(shapes.map((one) => [one.key, one])).values()];
}

/** The model and shape with a key; undefined if it has no points. */
export async function shapeWithKey(knowledge: Knowledge, key: string): Promise<Shape | undefined> {
  return (await shapesOf(knowledge)).find((one) => one.key === key);
}

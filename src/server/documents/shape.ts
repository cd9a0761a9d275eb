import { columnsDocument, shape } from './columns.ts';

/** `shapes/<key>`: of every configuration and concurrency of a model and shape the latest measurement. */
export const shapeDocument = columnsDocument.extend({ shape });

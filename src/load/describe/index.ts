export { describeTrace, type TraceDescription } from './description.ts';
export { traceAsHtml, traceAsSvg } from './picture.ts';
export { traceInWords } from './words.ts';

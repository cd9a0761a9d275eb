import {
  type SymbolType,
  symbolCircle,
  symbolCross,
  symbolDiamond,
  symbolSquare,
  symbolStar,
  symbolTriangle,
  symbolWye,
} from 'd3-shape';
import { hashOf } from './hardware-colours.ts';

/** A marker for each engine, so that engines are told apart without colour. */
const known: Readonly<Record<string, SymbolType>> = {
  vllm: symbolCircle,
  sglang: symbolSquare,
  trt: symbolTriangle,
  'dynamo-trt': symbolDiamond,
  'dynamo-sglang': symbolStar,
  'dynamo-vllm': symbolWye,
  'llama.cpp': symbolCross,
};
const shapes = Object.values(known);

export function engineShape(framework: string): SymbolType {
  return known[framework.toLowerCase()] ?? shapes[hashOf(framework) % shapes.length] ?? symbolCircle;
}

/** How the frontier's line is broken, so that precisions are told apart without colour; empty for a whole line. */
const dashes: Readonly<Record<string, string>> = {
  fp8: '',
  fp4: '8 4',
  bf16: '2 4',
  fp16: '2 4',
  int4: '10 3 2 3',
};
const spareDashes = ['', '7 4', '2 4', '10 3 2 3'];

export function precisionDash(precision: string): string {
  return dashes[precision.toLowerCase()] ?? spareDashes[hashOf(precision) % spareDashes.length] ?? '';
}

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { z } from 'zod';
import { loadGpuConstants } from '../../src/config/index.ts';
import type { Accuracy } from '../../src/derived/accuracy.ts';
import { decide } from '../../src/derived/decision.ts';
import { envelopesOf } from '../../src/derived/envelope.ts';
import { gpuOf } from '../../src/derived/hardware-key.ts';
import { readingsOf } from '../../src/derived/readings.ts';
import { roundSpeed } from '../../src/derived/round-speed.ts';
import { decisionWith, envelopeWith } from '../../src/derived/with-points.ts';
import { answerDocument, answerKind } from '../../src/server/documents/answer.ts';
import { evalsDocument, evalsKind } from '../../src/server/documents/evals.ts';
import { hardwareDocument, hardwareKind } from '../../src/server/documents/hardware.ts';
import type { DocumentKind } from '../../src/server/documents/index.ts';
import { shapeDocument, shapeKind } from '../../src/server/documents/shape.ts';
import type { Knowledge } from '../../src/server/knowledge.ts';
import { openStore, type Store } from '../../src/store/index.ts';
import { accuracies, candidatesOf, type PointCandidate } from '../../web/src/data/candidates.ts';
import { pointsOf } from '../../web/src/data/points.ts';
import { pricesOf } from '../../web/src/data/prices.ts';
import { answerIn } from '../../web/src/data/shown-answer.ts';
import { parseQuery } from '../../web/src/state/params.ts';
import { isUsual, needOf, questionParams } from '../../web/src/state/question.ts';
import { hasPublicRows, ingestPublicRows } from '../support/public-rows.ts';
import { randomNumbers, somePoint, syntheticRow } from '../support/synthetic-results.ts';

const usual = parseQuery(questionParams, '');

/** What a reader gets: JSON, parsed with the document's schema. */
async function read<Schema extends z.ZodType>(
  kind: Pick<DocumentKind, 'build'>,
  schema: Schema,
  knowledge: Knowledge,
  parts: Readonly<Record<string, string>> = {},
): Promise<z.output<Schema>> {
  return schema.parse(JSON.parse(JSON.stringify(await kind.build(knowledge, parts))));
}

/** The usual question answered from the points, like the page answers any other question. */
async function answeredFromPoints(knowledge: Knowledge, shape: string) {
  const [document, hardware, { evals }] = await Promise.all([
    read(shapeKind, shapeDocument, knowledge, { shape }),
    read(hardwareKind, hardwareDocument, knowledge),
    read(evalsKind, evalsDocument, knowledge),
  ]);
  const candidates = candidatesOf(pointsOf(document));
  const need = needOf(usual, roundSpeed(candidates, usual.stat));
  const prices = pricesOf([...new Set(candidates.map(({ hw }) => hw))], hardware, usual);
  const constants = new Map(hardware.gpus.map((one) => [one.gpu, one]));
  const readings = readingsOf(candidates, need);
  const decision = decide(
    candidates,
    {
      need,
      policy: 'any',
      accuracyOf: accuracies(evals, document.shape.modelPrefix),
      priceOf: (hw) => prices.get(hw)?.price ?? null,
      powerKwOf: (hw) => constants.get(gpuOf(hw, constants.keys()) ?? '')?.allInPowerKw?.value ?? null,
    },
    readings,
  );
  return {
    shape: document.shape,
    need,
    decision: {
      ...decisionWith(decision, asAnswered),
      rows: decisionWith(decision, asAnswered).rows.map((row) => ({
        ...row,
        accuracy: accuracyOnly(row.accuracy),
      })),
    },
    envelopes: envelopesOf(readings, need).map((one) => envelopeWith(one, asAnswered)),
  };
}

/** Removes the subject of a score, which the answer does not contain. */
function accuracyOnly(accuracy: Accuracy): Accuracy {
  if (accuracy.state === 'unknown') return accuracy;
  const { task, metric, score, samples, gate, measuredAt, conc } = accuracy.score;
  return { ...accuracy, score: { task, metric, score, samples, gate, measuredAt, conc } };
}

function asAnswered({ id, hw, precision, conc, gpus, verdict, measuredAtS, point }: PointCandidate) {
  const { series, layout } = point;
  return { id, hw, precision, conc, gpus, verdict, measuredAtS, point: { series, layout } };
}

describe('the answer to the usual question', () => {
  let folder: string;
  let store: Store;
  let knowledge: Knowledge;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'answers-'));
    store = await openStore(join(folder, 'store.sqlite'));
    await writeFile(join(folder, 'agg_bmk.json'), JSON.stringify(someRows()));
    expect(await store.ingest(join(folder, 'agg_bmk.json'))).toMatchObject({ quarantined: [] });
    if (hasPublicRows) await ingestPublicRows(store, join(folder, 'artifacts'));
    const gpus = await loadGpuConstants();
    knowledge = { store, gpus, configs: new Map(), publishedAt: null, productVersion: '0' };
  });
  afterAll(async () => {
    await store.close();
    await rm(folder, { recursive: true, force: true });
  });

  test('in its document equals the one from points, for every shape', async () => {
    const shapes = await answerKind.all(knowledge);
    expect(shapes.length).toBeGreaterThanOrEqual(4);
    for (const { shape = '' } of shapes) {
      const document = await read(answerKind, answerDocument, knowledge, { shape });
      expect(answerIn(document), shape).toEqual(await answeredFromPoints(knowledge, shape));
    }
  });

  test('has a round speed for each share of users that a question may select', async () => {
    for (const { shape = '' } of await answerKind.all(knowledge)) {
      const [{ roundSpeeds }, points] = await Promise.all([
        read(answerKind, answerDocument, knowledge, { shape }),
        read(shapeKind, shapeDocument, knowledge, { shape }),
      ]);
      const candidates = candidatesOf(pointsOf(points));
      for (const share of ['median', 'p90', 'p99'] as const)
        expect(roundSpeeds[share], `${shape} ${share}`).toBe(roundSpeed(candidates, share));
    }
  });

  test('has only points that an answer uses', async () => {
    for (const { shape = '' } of await answerKind.all(knowledge)) {
      const document = await read(answerKind, answerDocument, knowledge, { shape });
      const { points, decision, envelopes } = document;
      const answers = [
        ...decision.rows.flatMap(({ answer, beyondTtft }) => [answer, ...(beyondTtft ? [beyondTtft] : [])]),
        ...envelopes.flatMap(({ places }) => places.map(({ answer }) => answer)),
      ];
      const used = new Set(answers.flatMap(({ at }) => (at.kind === 'measured' ? [at.point] : at.points)));
      expect([...used].toSorted((a, b) => a - b)).toEqual(points.map((_, place) => place));
    }
  });
});

test.each([
  ['', true],
  ['model=dsr1&shape=1024/1024', true],
  ['scenario=agentic-coding', true],
  ['by=usd', true],
  ['speed=30', false],
  ['ttft=none', false],
  ['stat=p90', false],
  ['allow=fp8', false],
  ['prices=h200:2', false],
  ['kwh=0.1', false],
])('query "%s" is the usual question: %s', (query, is) => {
  expect(isUsual(parseQuery(questionParams, query))).toBe(is);
});

/** Rows with several hardware, engines and precisions; some values are unknown, some are never fast enough. */
function someRows(): unknown[] {
  const random = randomNumbers(7);
  return ['one', 'two', 'three', 'four'].flatMap((modelPrefix, shape) =>
    ['h200', 'b200', 'mi355x', 'unheard-of'].flatMap((hw, which) =>
      ['vllm', 'sglang'].flatMap((framework) =>
        [1, 2, 4, 8, 16, 64, 256].flatMap((conc) => {
          if (random() < 0.15) return [];
          const precision = random() < 0.3 ? 'fp4' : 'fp8';
          const speed = (1 + which / 2) * (0.3 + random() * (shape + 1));
          const row = syntheticRow({ ...somePoint, modelPrefix, framework, precision, conc, speed }, random);
          const lacksTtft = random() < 0.1;
          const lacksThroughput = random() < 0.1 || (shape === 3 && which === 2);
          const unknown = [
            ...(lacksTtft ? ['median_ttft'] : []),
            ...(lacksThroughput ? ['tput_per_gpu'] : []),
          ];
          return [{ ...row, hw, ...Object.fromEntries(unknown.map((name) => [name, null])) }];
        }),
      ),
    ),
  );
}

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

/** Views whose texts and comments are checked. */
const views = [
  'accuracy',
  'cost',
  'explore',
  'hardware',
  'history',
  'overview',
  'point',
  'reliability',
  'sweeps',
];

test('hardware is not counted: a GPU, a chip, a hardware type', () => {
  const found = views.flatMap((view) =>
    readdirSync(join(import.meta.dirname, view))
      .filter((file) => /\.tsx?$/.test(file))
      .flatMap((file) => {
        const text = readFileSync(join(import.meta.dirname, view, file), 'utf8');
        return [
          ...text.matchAll(
            /\b(?:a|an|each|every|per|another|one) hardware\b(?! (?:type|key))|\bhardwares\b/gi,
          ),
        ].map(([words]) => `${view}/${file}: ${words}`);
      }),
  );
  expect(found).toEqual([]);
});

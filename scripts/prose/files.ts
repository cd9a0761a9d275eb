/** Files whose prose is checked. */
export const checkedFiles = [
  'ARCHITECTURE.md',
  '.github/**/*.md',
  '{benchmarks,docs,performance,runners,samples,scripts,src,test,web}/**/*.md',
  '{benchmarks,performance,samples,scripts,src,test,web/src}/**/*.{ts,tsx}',
];

/** Recorded output of other programs, and the rules themselves, which quote what they refuse. */
const notOurs = ['**/node_modules/**', '**/testdata/**', 'scripts/prose/**'];

/** Places whose prose was not rewritten yet. The list only shrinks. */
const notYet = ['src/config/**', 'src/launchers/docker/**', 'src/power/**', 'src/results/**'];

export const exemptFiles = [...notOurs, ...notYet];

/** Files whose prose is checked. */
export const checkedFiles = [
  'ARCHITECTURE.md',
  '.github/**/*.md',
  '{benchmarks,docs,performance,runners,samples,scripts,src,test,web}/**/*.md',
  '{benchmarks,performance,samples,scripts,src,test,web/src}/**/*.{ts,tsx}',
];

/** Recorded output of other programs, and the rules themselves, which quote what they refuse. */
export const exemptFiles = ['**/node_modules/**', '**/testdata/**', 'scripts/prose/**'];

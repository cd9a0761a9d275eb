/**
 * Imported by the product that tests start: what it measures beside other work is no figure to publish, and no verdict
 * on that may decide how a sweep goes on. The verdicts have tests of their own.
 */
if (process.argv[1]?.endsWith('inferencemax.js') === true) {
  const { thresholds } = await import('../../src/load/fidelity/verdict.ts');
  const least = { suspect: 0, invalid: 0 };
  const most = { suspect: Number.POSITIVE_INFINITY, invalid: Number.POSITIVE_INFINITY };
  const noLag = { ms: Number.POSITIVE_INFINITY, ttftShare: 0 };
  Object.assign(thresholds, {
    concurrencyShare: least,
    rateShare: least,
    loopLag: { suspect: noLag, invalid: noLag },
    clientCpuShare: most,
    sendDelayP99Ms: most,
  });
}

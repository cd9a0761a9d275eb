import fc from 'fast-check';

// `npm test` must judge the change, not the luck of the draw, so it always uses the same examples. The slow suite does
// not.
fc.configureGlobal({ seed: 20260114 });

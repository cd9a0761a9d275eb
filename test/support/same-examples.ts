import fc from 'fast-check';

// `npm test` judges a change, not a draw: it draws the same examples each time. The slow suite draws others.
fc.configureGlobal({ seed: 20260114 });

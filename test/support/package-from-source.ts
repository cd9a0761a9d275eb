import { registerHooks } from 'node:module';

/** Preloaded, it has `inferencemax/load` mean the sources of this clone, so that samples run before anything is built. */
registerHooks({
  resolve(specifier, context, next) {
    const [, room] = /^inferencemax\/(\w+)$/.exec(specifier) ?? [];
    if (room === undefined) return next(specifier, context);
    return next(new URL(`../../src/${room}/package.ts`, import.meta.url).href, context);
  },
});

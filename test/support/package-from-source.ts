import { registerHooks } from 'node:module';

/** Preload this to map `inferencemax/load` to the sources of this clone, so that samples run without a build. */
registerHooks({
  resolve(specifier, context, next) {
    const [, room] = /^inferencemax\/(\w+)$/.exec(specifier) ?? [];
    if (room === undefined) return next(specifier, context);
    return next(new URL(`../../src/${room}/package.ts`, import.meta.url).href, context);
  },
});

import { defineConfig } from 'vite';

/**
 * Two builds of the same sources. The site fetches each view when it is first looked at. With `--mode report` the page is
 * one script and one style, so that a report can carry them inside itself.
 */
export default defineConfig(({ mode }) => ({
  base: './',
  // A report is one file.
  publicDir: mode === 'report' ? false : 'public',
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    outDir: mode === 'report' ? '../dist/web/report' : '../dist/web',
    emptyOutDir: true,
    // Every browser that this runs in preloads modules by itself.
    modulePreload: { polyfill: false },
    cssCodeSplit: false,
    rolldownOptions: {
      output: { codeSplitting: mode !== 'report' },
      // A directive for servers that render; there is none here.
      onLog(level, log, handle) {
        if (log.code !== 'MODULE_LEVEL_DIRECTIVE') handle(level, log);
      },
    },
  },
}));

/**
 * Plugins of bundlers that prepare what the functions of a bundle capture, so that spawning them does not ask V8's inspector. They
 * leave the library itself outside of the bundle.
 *
 * Parameters and results are those of the bundler, whose types are not needed here.
 */

// biome-ignore-start lint/suspicious/noExplicitAny: bundlers' own types would make them a dependency

/** A plugin for Rollup: `plugins: [rollup()]`. Its bundles are prepared last, as they are written. */
export function rollup(): {
  name: string;
  resolveId(source: string): any;
  generateBundle(options: any, bundle: any): void;
};

/** The same for Rolldown. */
export const rolldown: typeof rollup;

/** A plugin for builds of Vite. */
export function vite(): ReturnType<typeof rollup> & { enforce: 'post'; apply: 'build' };

/** A plugin for webpack 5: `plugins: [webpack()]`. */
export function webpack(): { apply(compiler: any): void };

/** The same for Rspack. */
export const rspack: typeof webpack;

/** A plugin for esbuild. It writes the files of the bundle, so it is to be the last one that looks at them. */
export function esbuild(): { name: string; setup(build: any): void };

// biome-ignore-end lint/suspicious/noExplicitAny: see above

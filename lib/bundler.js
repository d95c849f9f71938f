'use strict';

// Plugins of bundlers: what a bundle's functions capture is prepared, as the loader does it for files.
//
// Plugins prepare what comes out, not what goes in: then all names are those that functions have in the end, and a minifier has
// done its work. The library itself stays outside of bundles, since it has a native part.

const { mkdirSync, writeFileSync } = require('node:fs');
const { dirname } = require('node:path');
const { prepare, prepareText } = require('./prepare.js');

const NAME = '@hertzscript/isolate';
const SCRIPT = /\.[cm]?js$/;

const isLibrary = (request) => request === NAME || request.startsWith(`${NAME}/`);

/**
 * Prepares a file of a bundle.
 * @param {string} code
 * @param {string} filename
 * @param {'commonjs' | 'module' | 'detect'} type
 * @param {string | undefined} map its source map, where that is a file of its own
 * @returns {{code: string, map: string | undefined} | undefined} nothing where there is nothing to prepare
 */
function prepareOutput(code, filename, type, map) {
  if (map !== undefined) return prepare(code, { filename, type, map });
  const prepared = prepareText(code, { filename, type });
  return prepared === code ? undefined : { code: prepared, map: undefined };
}

const FORMATS = { es: 'module', esm: 'module', module: 'module', cjs: 'commonjs', commonjs: 'commonjs' };

/** A plugin for Rollup, and for Rolldown. */
function rollup() {
  return {
    name: NAME,
    resolveId(source) {
      return isLibrary(source) ? { id: source, external: true } : null;
    },
    generateBundle(options, bundle) {
      for (const chunk of Object.values(bundle)) {
        if (chunk.type !== 'chunk') continue;
        const mapFile = bundle[chunk.sourcemapFileName];
        const map = mapFile === undefined ? undefined : String(mapFile.source);
        const prepared = prepareOutput(chunk.code, chunk.fileName, FORMATS[options.format] ?? 'detect', map);
        if (prepared === undefined) continue;
        chunk.code = prepared.code;
        if (prepared.map !== undefined) mapFile.source = prepared.map;
      }
    },
  };
}

/** A plugin for Vite's builds. */
function vite() {
  return { ...rollup(), enforce: 'post', apply: 'build' };
}

/** A plugin for webpack, and for Rspack. */
function webpack() {
  return {
    apply(compiler) {
      const { Compilation, ExternalsPlugin, sources } = compiler.webpack;
      const type = compiler.options.output.module ? 'module' : 'commonjs';
      new ExternalsPlugin(type, ({ request }, done) => {
        if (isLibrary(request)) done(null, request);
        else done();
      }).apply(compiler);
      compiler.hooks.thisCompilation.tap(NAME, (compilation) => {
        // After minifiers, and before source maps are written.
        const stage = Compilation.PROCESS_ASSETS_STAGE_OPTIMIZE_SIZE + 1;
        compilation.hooks.processAssets.tap({ name: NAME, stage }, (assets) => {
          for (const [name, asset] of Object.entries(assets)) {
            if (!SCRIPT.test(name)) continue;
            const { source, map } = asset.sourceAndMap();
            const json = map === null || map === undefined ? undefined : JSON.stringify(map);
            const prepared = prepareOutput(String(source), name, 'detect', json);
            if (prepared === undefined) continue;
            const { code } = prepared;
            const made = prepared.map === undefined ? undefined : JSON.parse(prepared.map);
            compilation.updateAsset(
              name,
              made === undefined ? new sources.RawSource(code) : new sources.SourceMapSource(code, name, made),
            );
          }
        });
      });
    },
  };
}

/** What esbuild calls the output of a build that has no file for it. */
const STDOUT = '<stdout>';

/** Writes a file of a bundle, as esbuild does. */
function write(file) {
  const { path, contents } = file;
  if (path === STDOUT) {
    console.log(file.text.replace(/\n$/, ''));
    return;
  }
  mkdirSync(dirname(path), { recursive: true });
  // Who bundles a program for the command line wants to run the bundle.
  const isCommand = Buffer.from(contents.subarray(0, 2)).toString() === '#!';
  writeFileSync(path, contents, { mode: isCommand ? 0o755 : 0o666 });
}

/** A plugin for esbuild. It writes the files itself, so it comes after plugins that look at them. */
function esbuild() {
  return {
    name: NAME,
    setup(build) {
      const { initialOptions } = build;
      const writes = initialOptions.write !== false;
      initialOptions.write = false;
      build.onResolve({ filter: /^@hertzscript\/isolate(?:\/|$)/ }, ({ path }) => ({ path, external: true }));
      build.onEnd((result) => {
        const files = result.outputFiles ?? [];
        for (const file of files) {
          if (!SCRIPT.test(file.path) && file.path !== STDOUT) continue;
          const mapFile = files.find(({ path }) => path === `${file.path}.map`);
          const type = FORMATS[initialOptions.format] ?? 'detect';
          const prepared = prepareOutput(file.text, file.path, type, mapFile?.text);
          if (prepared === undefined) continue;
          file.contents = Buffer.from(prepared.code);
          if (prepared.map !== undefined) mapFile.contents = Buffer.from(prepared.map);
        }
        if (!writes) return;
        files.forEach(write);
        result.outputFiles = undefined;
      });
    },
  };
}

module.exports = { esbuild, rolldown: rollup, rollup, rspack: webpack, vite, webpack };

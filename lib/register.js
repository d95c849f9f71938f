'use strict';

// `node --import @hertzscript/isolate/register`, or with `-r`: files are prepared when they are loaded, so that spawning their
// functions does not ask V8's inspector what they capture. Files of packages are left alone.

const Module = require('node:module');
const { pathToFileURL } = require('node:url');
const { loaded, prepareLoaded } = require('./prepare-loaded.js');

const DONE = Symbol.for('@hertzscript/isolate.registered');

/** CommonJS modules: older Nodes know no hooks for them, and packages that compile other languages come by here on all. */
function prepareCommonJs() {
  const compile = Module.prototype._compile;
  Module.prototype._compile = function (content, filename, format, ...rest) {
    const isJavaScript = typeof content === 'string' && (format === undefined || format === 'commonjs');
    const source = isJavaScript ? prepareLoaded(content, pathToFileURL(filename).href, 'commonjs') : content;
    return compile.call(this, source, filename, format, ...rest);
  };
}

/** ECMAScript modules: by hooks on this thread where Node has them, else by such on their own thread. */
function prepareModules() {
  if (typeof Module.registerHooks === 'function') {
    Module.registerHooks({ load: (url, context, nextLoad) => loaded(url, nextLoad(url, context)) });
  } else {
    const data = { wantsMap: process.sourceMapsEnabled === true };
    Module.register('./register-hooks.mjs', { parentURL: pathToFileURL(__filename), data });
  }
}

if (globalThis[DONE] === undefined) {
  Object.defineProperty(globalThis, DONE, { value: true });
  prepareCommonJs();
  prepareModules();
}

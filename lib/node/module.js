'use strict';

const { builtinModules, requireFrom } = require('hertzscript:surroundings');

function createRequire(from) {
  const text = String(from?.href ?? from);
  return requireFrom(text.startsWith('file://') ? decodeURIComponent(text.slice(7).replace(/[?#].*/, '')) : text);
}

module.exports = {
  createRequire,
  builtinModules,
  isBuiltin: (name) => builtinModules.includes(String(name).replace(/^node:/, '')),
};

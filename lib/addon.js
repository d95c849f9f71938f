'use strict';

// The addon for this platform, as it is loaded.

const { existsSync } = require('node:fs');
const { join } = require('node:path');

/** Where the addon of this platform lies. On Linux there is one for each C library. */
function addonFile() {
  const folder = join(__dirname, '..', 'native');
  const name = `isolate.${process.platform}-${process.arch}`;
  if (process.platform !== 'linux') return join(folder, `${name}.node`);
  // Finding out which C library runs takes a process report, several milliseconds; so the usual one is tried first.
  const gnu = join(folder, `${name}-gnu.node`);
  if (existsSync(gnu)) return gnu;
  return process.report.getReport().header.glibcVersionRuntime === undefined ? join(folder, `${name}-musl.node`) : gnu;
}

const file = addonFile();
if (!existsSync(file)) {
  const error = new Error(
    `@hertzscript/isolate has no addon for ${process.platform}-${process.arch} (${file} is missing): ` +
      'in a checkout run `npm run build`; elsewhere this platform is not supported yet',
  );
  error.code = 'ERR_ADDON_MISSING';
  throw error;
}

module.exports = require(file);

'use strict';

// What of `os` can be told without asking the system.

const { arch, env, platform } = require('node:process');

const types = { linux: 'Linux', darwin: 'Darwin', win32: 'Windows_NT' };

module.exports = {
  EOL: platform === 'win32' ? '\r\n' : '\n',
  arch: () => arch,
  platform: () => platform,
  type: () => types[platform] ?? platform,
  release: () => '0.0.0',
  endianness: () => 'LE',
  homedir: () => env.HOME ?? '/',
  tmpdir: () => env.TMPDIR ?? '/tmp',
  hostname: () => env.HOSTNAME ?? 'localhost',
  constants: { signals: {} },
};

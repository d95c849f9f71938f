'use strict';

// What of `os` can be told without asking the system.

const { arch, env, platform } = require('node:process');
const { refuse, refuseAll } = require('./unavailable/refuse.js');

const types = { linux: 'Linux', darwin: 'Darwin', win32: 'Windows_NT' };
const machines = { x64: 'x86_64', arm64: platform === 'linux' ? 'aarch64' : 'arm64', ia32: 'i686' };

const homedir = () => env.HOME ?? '/';
const refuseUserInfo = refuse('os', 'userInfo');

/** Numbers of users are those of systems that have none. */
function userInfo() {
  const username = env.USER ?? env.LOGNAME ?? env.USERNAME;
  if (username === undefined) refuseUserInfo();
  return { uid: -1, gid: -1, username, homedir: homedir(), shell: env.SHELL ?? null };
}

module.exports = {
  EOL: platform === 'win32' ? '\r\n' : '\n',
  devNull: platform === 'win32' ? '\\\\.\\nul' : '/dev/null',
  arch: () => arch,
  platform: () => platform,
  type: () => types[platform] ?? platform,
  machine: () => machines[arch] ?? arch,
  release: () => '0.0.0',
  endianness: () => 'LE',
  homedir,
  tmpdir: () => env.TMPDIR ?? '/tmp',
  hostname: () => env.HOSTNAME ?? 'localhost',
  userInfo,
  // They are other numbers on each system.
  constants: platform === 'linux' ? require('./constants/os-linux.json') : { signals: {} },
  ...refuseAll('os', [
    'availableParallelism',
    'cpus',
    'freemem',
    'getPriority',
    'loadavg',
    'networkInterfaces',
    'setPriority',
    'totalmem',
    'uptime',
    'version',
  ]),
};

'use strict';

const { platform } = require('node:process');

const { dlopen, errno, priority, signals } = require('node:os').constants;
const files = platform === 'linux' ? require('./constants/fs-linux.json') : {};

const { defaultCipherList: _, ...crypto } = require('./constants/crypto.json');

module.exports = { ...dlopen, ...errno, ...priority, ...signals, ...files, ...crypto };

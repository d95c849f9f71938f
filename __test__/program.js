'use strict';

// Programs that run in a Node of their own, for what concerns a whole process.

const { spawn } = require('node:child_process');

/**
 * Runs a program.
 * @param {string} text
 * @param {number} timeout milliseconds after which it is ended
 * @param {object} [env] variables of the environment beside those that there are
 * @param {string[]} [flags] of Node
 * @returns {Promise<{out: string, err: string, code: number | string}>} what it has printed, and its exit code or the signal that ended it
 */
function runProgram(text, timeout, env, flags = []) {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [...flags, '-e', text], { timeout, env: { ...process.env, ...env } });
    let [out, err] = ['', ''];
    child.stdout.on('data', (data) => {
      out += data;
    });
    child.stderr.on('data', (data) => {
      err += data;
    });
    child.on('close', (code, signal) => resolve({ out: out.trim(), err, code: code ?? signal }));
  });
}

module.exports = { runProgram };

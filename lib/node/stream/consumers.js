'use strict';

// What is in a stream of either kind, as a whole.

async function blob(stream) {
  const { Blob } = require('node:buffer');
  const parts = [];
  for await (const chunk of stream) parts.push(chunk);
  return new Blob(parts);
}

const arrayBuffer = async (stream) => (await blob(stream)).arrayBuffer();

async function buffer(stream) {
  const { Buffer } = require('node:buffer');
  return Buffer.from(await arrayBuffer(stream));
}

async function text(stream) {
  const decoder = new TextDecoder();
  let result = '';
  for await (const chunk of stream) {
    result += typeof chunk === 'string' ? chunk : decoder.decode(chunk, { stream: true });
  }
  return result + decoder.decode();
}

const json = async (stream) => JSON.parse(await text(stream));

module.exports = { arrayBuffer, blob, buffer, json, text };

'use strict';

// Channels of messages within a task: each function here runs in Node and in tasks, and gives the same.

const { describe, after } = require('node:test');
const { shutdown } = require('../lib/index.js');
const { same } = require('./same-in-tasks.js');

after(() => shutdown());

describe('message ports', () => {
  same('deliver copies, in order', async () => {
    const { port1, port2 } = new MessageChannel();
    const seen = [];
    const object = { a: [1] };
    port1.postMessage(object);
    port1.postMessage('second');
    object.a.push(2);
    await new Promise((resolve) => {
      port2.onmessage = (event) => {
        seen.push(event.data, event.type, event instanceof MessageEvent);
        if (event.data === 'second') resolve();
      };
      seen.push('set');
    });
    port1.close();
    return [seen, port1 instanceof MessagePort, port1 instanceof EventTarget];
  });

  same('wait until they are started', async () => {
    const { MessageChannel, receiveMessageOnPort } = require('node:worker_threads');
    const { port1, port2 } = new MessageChannel();
    port2.addEventListener('message', (event) => port2.postMessage(event.data + 1));
    port1.postMessage(1);
    port1.postMessage(10);
    const first = receiveMessageOnPort(port2);
    const reply = new Promise((resolve) => port1.once('message', resolve));
    port2.start();
    const result = [first, await reply, receiveMessageOnPort(port2)];
    port1.close();
    return result;
  });

  same('refuse what cannot be cloned, and to be made alone', () => {
    const { port1 } = new MessageChannel();
    const seen = [];
    for (const call of [() => port1.postMessage(() => {}), () => new MessagePort()]) {
      try {
        call();
      } catch (error) {
        seen.push(error.name);
      }
    }
    port1.close();
    return seen;
  });
});

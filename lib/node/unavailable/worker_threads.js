'use strict';

const { MessageChannel, MessageEvent, MessagePort, receiveMessageOnPort } = require('../messages.js');

// A task is no worker of Node's.
module.exports = {
  MessageChannel,
  MessageEvent,
  MessagePort,
  receiveMessageOnPort,
  isMainThread: true,
  parentPort: null,
  resourceLimits: {},
  threadId: 0,
  workerData: null,
  // Packages mark their classes while they are loaded. None of them could be sent from here.
  markAsUncloneable() {},
};

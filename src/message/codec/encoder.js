'use strict';

// One encoding in progress: where it writes, and which objects it has met.

const { LINEAR_OBJECTS, SHAPE_SLOTS } = require('./format.js');

/** @param {object} codec what the parts have of each other; see `index.js` */
module.exports = function createEncoder(codec) {
  const { MapCtor, mapGet, mapSet, NO_BYTES, NO_SHAPE, NO_VIEW } = codec;

  /**
   * One encoding in progress. It works on copies of the writer's fields, so a value that cannot
   * be cloned leaves the writer as it was.
   */
  class Encoder {
    constructor() {
      this.bytes = NO_BYTES;
      this.view = NO_VIEW;
      this.pos = 0;
      this.capacity = 0;
      this.rootName = '';
      this.hasRefs = false;
      this.depth = 0;
      // The objects by their number, first in a list, when it gets long in a Map.
      this.count = 0;
      this.objects = [];
      for (let i = 0; i < LINEAR_OBJECTS; i++) this.objects[i] = null;
      this.numbers = null;
      // Where each object was found, for the paths of errors.
      this.parents = [];
      this.steps = [];
      this.shapes = [];
      for (let i = 0; i < SHAPE_SLOTS; i++) this.shapes[i] = NO_SHAPE;
      this.shapeCount = 0;
      this.deferred = null;
      // How many of their bodies are written.
      this.bodies = 0;
      this.transfer = null;
      this.attachments = null;
      // The functions by their number, and the numbers of those that are yet to come into being.
      this.functions = null;
      this.pending = null;
      // Functions whose bodies are written once a class is there which needs them to come into being, and calls nothing for that.
      this.postponed = null;
      // What is asked about values within captured ones, while those are written.
      this.within = null;
      // What is added at the end, and then also all objects by their number.
      this.additions = null;
      this.weak = null;
      this.instances = null;
      this.all = null;
    }
  }

  /** The encoder to use next, null while it is in use: getters may encode another value. */
  let idleEncoder = null;

  function acquireEncoder() {
    const encoder = idleEncoder;
    if (encoder === null) return new Encoder();
    idleEncoder = null;
    return encoder;
  }

  /** Forgets the value and makes the encoder available. One that failed is not put back. */
  function releaseEncoder(e) {
    const count = e.count;
    if (count > 0) {
      const { objects, steps, shapes } = e;
      for (let i = 0; i < count && i < LINEAR_OBJECTS; i++) {
        objects[i] = null;
        steps[i] = null;
      }
      if (count > LINEAR_OBJECTS) {
        e.numbers = null;
        e.parents = [];
        e.steps = [];
      }
      for (let i = 0; i < e.shapeCount && i < SHAPE_SLOTS; i++) shapes[i] = NO_SHAPE;
      e.count = 0;
      e.shapeCount = 0;
      e.hasRefs = false;
      e.deferred = null;
      e.bodies = 0;
      e.additions = null;
      e.weak = null;
      e.instances = null;
      e.all = null;
      e.attachments = null;
      e.functions = null;
      e.pending = null;
      e.postponed = null;
    }
    e.transfer = null;
    e.bytes = NO_BYTES;
    e.view = NO_VIEW;
    idleEncoder = e;
  }

  /** The number of an object that the message contains already, else -1. */
  function numberOf(e, object) {
    if (e.numbers !== null) {
      const number = mapGet(e.numbers, object);
      return number === undefined ? -1 : number;
    }
    const objects = e.objects;
    for (let i = e.count - 1; i >= 0; i--) if (objects[i] === object) return i;
    return -1;
  }

  function addObject(e, object, parent, step) {
    const number = e.count++;
    e.parents[number] = parent;
    e.steps[number] = step;
    if (e.all !== null) e.all[number] = object;
    if (number < LINEAR_OBJECTS) {
      e.objects[number] = object;
    } else {
      if (e.numbers === null) {
        e.numbers = new MapCtor();
        for (let i = 0; i < number; i++) mapSet(e.numbers, e.objects[i], i);
      }
      mapSet(e.numbers, object, number);
    }
    return number;
  }

  /** Whether a value may be half encoded just now: a getter of it asks then. */
  const isEncoding = () => idleEncoder === null;

  Object.assign(codec, { acquireEncoder, addObject, isEncoding, numberOf, releaseEncoder });
};

'use strict';

const marks = require('./perf_hooks/marks.js');
const { refuseAll } = require('./unavailable/refuse.js');
// A program's own script may have a variable of the name.
const { performance } = globalThis;

// Tasks have a clock, and notes. What V8 and Node measure besides is the host's to see.
module.exports = {
  performance,
  ...marks,
  constants: {
    NODE_PERFORMANCE_GC_MAJOR: 4,
    NODE_PERFORMANCE_GC_MINOR: 1,
    NODE_PERFORMANCE_GC_INCREMENTAL: 8,
    NODE_PERFORMANCE_GC_WEAKCB: 16,
    NODE_PERFORMANCE_GC_FLAGS_NO: 0,
    NODE_PERFORMANCE_GC_FLAGS_CONSTRUCT_RETAINED: 2,
    NODE_PERFORMANCE_GC_FLAGS_FORCED: 4,
    NODE_PERFORMANCE_GC_FLAGS_SYNCHRONOUS_PHANTOM_PROCESSING: 8,
    NODE_PERFORMANCE_GC_FLAGS_ALL_AVAILABLE_GARBAGE: 16,
    NODE_PERFORMANCE_GC_FLAGS_ALL_EXTERNAL_MEMORY: 32,
    NODE_PERFORMANCE_GC_FLAGS_SCHEDULE_IDLE: 64,
  },
  ...refuseAll('perf_hooks', [
    'Performance',
    'PerformanceObserver',
    'PerformanceObserverEntryList',
    'PerformanceResourceTiming',
    'createHistogram',
    'monitorEventLoopDelay',
  ]),
};
// Nothing can be observed.
module.exports.PerformanceObserver.supportedEntryTypes = Object.freeze([]);

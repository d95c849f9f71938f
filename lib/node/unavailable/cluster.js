'use strict';

// Nobody has forked the process that a task sees.
module.exports = { isMaster: true, isPrimary: true, isWorker: false, workers: {}, SCHED_NONE: 1, SCHED_RR: 2 };

// The public API for ES modules: the same objects as `require` gives.
import api from './index.js';

export const {
  spawn,
  run,
  runFile,
  Isolate,
  after,
  chan,
  inTask,
  select,
  sleep,
  ticker,
  Task,
  configure,
  stats,
  shutdown,
  transpile,
  CaptureError,
  ChannelClosedError,
  DataCloneError,
  DeadlockError,
  MemoryLimitError,
  TaskKilledError,
  TimeoutError,
} = api;
export default api;

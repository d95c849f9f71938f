'use strict';

/**
 * Makes the classes of the kit.
 * @param {object} platform see `src/kit/README.md`; gets the classes that others need
 * @param {object} sources what the files of this folder export, by name
 */
module.exports = function createKit(platform, sources) {
  const { TAGS } = sources.cell;
  Object.assign(platform, sources.staying(platform));
  Object.assign(platform, sources.line(platform, sources.cell));
  Object.assign(platform, sources.acquire(platform));
  const classes = {
    Mutex: sources.mutex(platform, sources.cell),
    RWMutex: sources.rwmutex(platform, sources.cell),
    Semaphore: sources.semaphore(platform, sources.cell),
    WaitGroup: sources.waitGroup(platform, sources.cell),
    Once: sources.once(platform, sources.cell),
    Context: sources.context(platform, sources.cell),
  };
  Object.assign(platform, classes);
  classes.Cond = sources.cond(platform, sources.cell);
  const byTag = [];
  byTag[TAGS.MUTEX] = classes.Mutex;
  byTag[TAGS.RWMUTEX] = classes.RWMutex;
  byTag[TAGS.SEMAPHORE] = classes.Semaphore;
  byTag[TAGS.WAIT_GROUP] = classes.WaitGroup;
  byTag[TAGS.COND] = classes.Cond;
  byTag[TAGS.ONCE] = classes.Once;
  byTag[TAGS.CONTEXT] = classes.Context;
  const reference = sources.taskReference(platform, sources.cell);
  byTag[TAGS.TASK] = reference.TaskReference;
  return { ...classes, reference, ...sources.groups(platform, sources.cell), Guard: platform.Guard, byTag };
};

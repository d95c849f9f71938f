// Hooks of Nodes that run them on a thread of their own; see register.js.

import { createRequire } from 'node:module';

const { loaded } = createRequire(import.meta.url)('./prepare-loaded.js');

let wantsMap = false;

export function initialize(data) {
  wantsMap = data.wantsMap;
}

export async function load(url, context, nextLoad) {
  return loaded(url, await nextLoad(url, context), wantsMap);
}

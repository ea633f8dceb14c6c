import { pathToFileURL } from 'node:url';
import { DIST } from './places.mjs';

/** Imports a file of the built product, e.g. `sdk/clock.js`. */
export const product = file => import(new URL(`src/${file}`, pathToFileURL(`${DIST}/`)).href);

export const { createSessionGroup, createFileStore, GroupManager } = await product('index.js');
export const { drive, memoryProjectGate, SimulatedClock } = await product('testing.js');

/** An agent of the bench's own, under this kind: `start` is all that it has to bring. */
export const benchAgent = (kind, start, capabilities = {}) => ({
  kind,
  capabilities: {
    resume: false,
    usage: 'none',
    spends: false,
    approvals: false,
    logs: false,
    ...capabilities,
  },
  start,
});

/** The verbs of an attempt that ends by itself at once. */
export const UNSTOPPABLE = { interrupt() {}, terminate() {}, kill() {}, answerPermission() {} };

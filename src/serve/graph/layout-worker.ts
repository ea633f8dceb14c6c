import { parentPort, workerData } from 'node:worker_threads';
import { dagreLayout } from './dagre-layout.ts';

/** Lays out one graph, away from the thread that runs groups. */
parentPort?.postMessage(dagreLayout(workerData.input));

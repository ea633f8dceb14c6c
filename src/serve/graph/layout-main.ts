import { text } from 'node:stream/consumers';
import { dagreLayout } from './dagre-layout.ts';

/** Lays out one graph, away from the process that runs groups: its input on stdin, the layout on stdout. */
process.stdout.write(JSON.stringify(dagreLayout(JSON.parse(await text(process.stdin)))));

import { text } from 'node:stream/consumers';
import { dagreLayout } from './dagre-layout.ts';

/** Lays out one graph in a process of its own: input on stdin, layout on stdout. */
process.stdout.write(JSON.stringify(dagreLayout(JSON.parse(await text(process.stdin)))));

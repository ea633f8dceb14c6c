import { spawn } from 'node:child_process';
import { cpuOf, peakMb } from '../lib/measure.mjs';

const LINES = 1_000;
const WORDS = 'some words that a program prints, as long as such lines are';
const message = { id: 'm$i', model: 'm', content: [{ type: 'text', text: WORDS }] };
const FORMATS = { text: `line $i: ${WORDS}`, 'stream-json': JSON.stringify({ type: 'assistant', message }) };

/** Prints line by line, as a program does whose output isn't buffered: `echo` is the shell's own. */
const commandOf = format => {
  const line = FORMATS[format].replaceAll('"', '\\"');
  return ['/bin/sh', '-c', `i=0; while [ $i -lt ${LINES} ]; do i=$((i+1)); echo "${line}"; done`];
};
const textOf = { text: line => line, 'stream-json': line => JSON.parse(line).message.content[0].text };

/** Our agent, with its reaper running. */
async function agentOf(format) {
  const { product } = await import('../lib/product.mjs');
  const { createCommandAgent } = await product('sdk/session/command.js');
  const { systemClock } = await product('sdk/clock.js');
  const agent = createCommandAgent(systemClock);
  const config = { kind: 'command', command: commandOf(format), output: format };
  await agent.check({ agent: config });
  return { agent, config };
}

/** Each runs one program and resolves with the number of lines that it has read with their text. */
const READERS = {
  /** Split at newlines, as everybody writes it. */
  hand: async format => {
    const [command, ...args] = commandOf(format);
    const read = textOf[format];
    return () =>
      new Promise((resolve, reject) => {
        const child = spawn(command, args, { detached: true });
        let [rest, lines] = ['', 0];
        child.stdin.end('Work');
        child.stderr.resume();
        child.stdout.setEncoding('utf8').on('data', text => {
          const parts = (rest + text).split('\n');
          rest = parts.pop();
          for (const line of parts) if (read(line).endsWith(WORDS)) lines += 1;
        });
        child.once('error', reject).once('close', () => resolve(lines));
      });
  },

  /** The same in a process as large as one with our library: to start a program takes longer there. */
  'hand, in a large process': async format => {
    await agentOf(format);
    return READERS.hand(format);
  },

  execa: async format => {
    const { execa } = await import('execa');
    const [command, ...args] = commandOf(format);
    const read = textOf[format];
    return async () => {
      let lines = 0;
      for await (const line of execa(command, args, { input: 'Work', detached: true })) {
        if (read(line).endsWith(WORDS)) lines += 1;
      }
      return lines;
    };
  },

  ours: async format => {
    const { agent, config } = await agentOf(format);
    let runs = 0;
    return () =>
      new Promise(resolve => {
        let lines = 0;
        const count = text => {
          lines += text.split('\n').filter(line => line.endsWith(WORDS)).length;
        };
        runs += 1;
        const spec = {
          ...{ groupId: 'bench', sessionId: `s${runs}`, attempt: 1, agent: config, cwd: '/', prompt: 'Work' },
          ...{
            conversation: { id: `c${runs}`, exists: false, resume: false },
            env: { PATH: process.env.PATH },
          },
        };
        agent.start(spec, event => {
          if (event.type === 'message' && format === 'stream-json') count(event.text);
          if (event.type !== 'ended') return;
          if (format === 'text') count(event.end.result); // messages leave out what nobody could read in time
          resolve(lines);
        });
      });
  },
};

export default {
  name: 'W5',
  title: 'CPU per program whose output is read',
  about:
    '200 programs at the same time print 1,000 lines each, one by one. Ours is the `command` agent, as it is in a group: with a reaper, ' +
    'and each program ended with all its descendants. `us` is per program; the CPU of the programs is not in it. By hand: `spawn`, text ' +
    'split at newlines; in a process that has loaded our library, too, since starting a program costs more the larger a process is. Each has to have seen every line. In `stream-json`, each line is parsed, and each is a message.',
  rounds: 7,
  cases: ({ size }) =>
    Object.keys(FORMATS).flatMap(format =>
      Object.keys(READERS).map(name => ({
        ...{
          name: `${name}, ${format}`,
          floor: `hand, ${format}`,
          reader: name,
          format,
          programs: size(200),
        },
        ...(name === 'execa' ? { package: 'execa' } : {}),
      })),
    ),
  async measure({ reader, format, programs }) {
    const run = await READERS[reader](format);
    const { value: lines, us } = await cpuOf(() => Promise.all(Array.from({ length: programs }, run)));
    const short = lines.find(count => count !== LINES);
    if (short !== undefined) throw new Error(`${short} of ${LINES} lines were read`);
    return { us: us / programs, peakMb: peakMb() };
  },
  rows: Object.keys(FORMATS).flatMap(format => [
    {
      ...{ name: `speed of reading by hand, ${format}: ours has`, binding: format === 'text', unit: '×' },
      ...{ atLeast: 0.6, stretch: 0.8 },
      value: of => of(`hand, in a large process, ${format}`).us / of(`ours, ${format}`).us,
    },
    {
      ...{ name: `the same, by hand in a process with nothing else, ${format}`, unit: '×', atLeast: 0.6 },
      value: of => of(`hand, ${format}`).us / of(`ours, ${format}`).us,
    },
    {
      ...{ name: `speed of execa, ${format}: ours has`, binding: format === 'text', unit: '×' },
      ...{ atLeast: 1.5, stretch: 2 },
      value: of => of(`execa, ${format}`).us / of(`ours, ${format}`).us,
    },
  ]),
};

#!/usr/bin/env node
// Writes docs/cli.md, the reference of the command line, from what its commands say of themselves. Run by `npm run cli`, from the
// sources. `--check` writes nothing and fails if the file is out of date.
import { Writable } from 'node:stream';
import { main } from '../src/cli/main.ts';
import { writeOrCheck } from './write-or-check.mjs';

/** What a command prints with `--help`, in lines of at most 100 characters. */
async function helpOf(path) {
  let text = '';
  const stdout = new Writable({
    write(chunk, _encoding, done) {
      text += chunk;
      done();
    },
  });
  stdout.columns = 100;
  const io = { stdout, stderr: stdout, env: {}, stdin: process.stdin };
  const code = await main([...path, '--help'], io);
  if (code !== 0) throw new Error(`${path.join(' ')} --help exits with ${code}`);
  return text.trimEnd();
}

/** The names of the commands below one, in the order of its help. */
function commandsIn(help) {
  const [, list = ''] = help.split('\nCommands:\n');
  return [...list.split('\n\n')[0].matchAll(/^ {2}([a-z][\w-]*)/gm)].map(([, name]) => name);
}

async function* sections(path) {
  const help = await helpOf(path);
  const name = ['session-groups', ...path].join(' ');
  yield `${'#'.repeat(path.length + 1)} ${path.length === 0 ? 'Command line' : `\`${name}\``}\n\n\`\`\`text\n${help}\n\`\`\`\n`;
  for (const command of commandsIn(help)) yield* sections([...path, command]);
}

const parts = [];
for await (const part of sections([])) parts.push(part);
const written = `<!-- Written by \`npm run cli\` from the commands' own help. -->\n\n${parts.join('\n')}`;

writeOrCheck('docs/cli.md', written, 'cli');

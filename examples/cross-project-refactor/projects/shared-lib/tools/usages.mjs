#!/usr/bin/env node
// A small MCP server over standard input and output, without dependencies: `node usages.mjs PROJECT…`.
// Its one tool, `find_usages`, finds uses of a word in projects that lie next to this repository. It reads their files and
// nothing else.
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join, relative, resolve } from 'node:path';
import { createInterface } from 'node:readline';

// A worktree may be anywhere; the repository that it belongs to is where its git folder is.
const git = ['rev-parse', '--path-format=absolute', '--git-common-dir'];
const repository = resolve(execFileSync('git', git, { encoding: 'utf8' }).trim(), '..');
const folders = process.argv.slice(2).map(name => resolve(repository, '..', name));
const MOST_LINES = 200;

const tool = {
  name: 'find_usages',
  description: `Lines of the projects ${folders.map(folder => basename(folder)).join(', ')} that hold a word, with their places.`,
  inputSchema: {
    type: 'object',
    properties: { word: { type: 'string', description: 'The text to look for, letter by letter' } },
    required: ['word'],
  },
};

/** `gateway/src/handle-request.js:4: const [user, expires] = …`, one a line. */
function findUsages(word) {
  const found = folders.flatMap(folder =>
    sources(folder).flatMap(file =>
      readFileSync(file, 'utf8')
        .split('\n')
        .flatMap((line, index) =>
          line.includes(word)
            ? [`${join(basename(folder), relative(folder, file))}:${index + 1}: ${line.trim()}`]
            : [],
        ),
    ),
  );
  if (found.length === 0) return `No line holds ${JSON.stringify(word)}.`;
  return found.slice(0, MOST_LINES).join('\n');
}

function sources(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap(entry => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return /^(\.|node_modules$)/.test(entry.name) ? [] : sources(path);
    return entry.isFile() && /\.m?[jt]s$/.test(entry.name) ? [path] : [];
  });
}

const methods = {
  initialize: ({ protocolVersion }) => ({
    protocolVersion,
    capabilities: { tools: {} },
    serverInfo: { name: 'usages', version: '1.0.0' },
  }),
  ping: () => ({}),
  'tools/list': () => ({ tools: [tool] }),
  'tools/call': ({ name, arguments: { word } = {} }) => {
    const known = name === tool.name && typeof word === 'string' && word !== '';
    const text = known ? findUsages(word) : 'find_usages needs a word';
    return { content: [{ type: 'text', text }], isError: !known };
  },
};

function answer(line) {
  let id;
  try {
    const message = JSON.parse(line);
    id = message.id;
    if (id === undefined) return; // a notification
    const method = Object.hasOwn(methods, message.method) ? methods[message.method] : undefined;
    if (method) send({ id, result: method(message.params ?? {}) });
    else send({ id, error: { code: -32601, message: `there is no method ${message.method}` } });
  } catch (error) {
    send({ id: id ?? null, error: { code: -32603, message: String(error) } });
  }
}

function send(message) {
  process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
}

createInterface({ input: process.stdin }).on('line', answer);

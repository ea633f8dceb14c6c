import { ERROR_GUIDE } from './guide-errors.ts';
import type { Guide } from './guide-type.ts';

const STEP = 'config.agent.steps[]';

/** Of agents, and of what sessions reach through MCP. */
export const AGENT_GUIDE: Guide = {
  'config.agent': {
    text: 'The program that does the work: a kind, or a kind with its options',
    values: {
      claude: 'Claude Code',
      scripted: 'a stand-in that follows a script: no model, no cost',
    },
    examples: ['claude', { kind: 'command', command: ['npm', 'test'] }],
  },
  'config.agent.kind': {
    text: 'Which agent; also any kind that the host has registered',
    values: {
      claude: 'Claude Code',
      command: 'a program that gets the prompt on its standard input; its output is the result',
      scripted: 'a stand-in that follows a script: no model, no cost',
    },
  },
  'config.agent.executable': {
    text: 'Path of the claude program. Default: the one in PATH',
    examples: ['/opt/claude/bin/claude'],
  },
  'config.agent.command': {
    text: 'Program and arguments; no shell is involved',
    examples: [['npm', 'test']],
  },
  'config.agent.output': {
    text: 'What the program prints',
    values: {
      text: 'plain text; its last part is the result',
      'stream-json': "Claude Code's output format, read for messages, usage and cost",
    },
  },
  'config.agent.ignoreInterrupt': { text: 'Whether it ignores interrupts, so that it has to be terminated' },
  'config.agent.options': {
    text: "Options of a kind that the host has registered, as that agent's own schema says",
  },
  'config.agent.steps': {
    text: 'What the stand-in does, one step after the other; a resumed conversation goes on where it was interrupted, or in another process from the beginning. Default: it says what it works on, and returns a sample of its output',
    examples: [[{ text: 'working' }, { delay: '2s' }, { result: 'done' }]],
  },
  [`${STEP}.text`]: { text: 'It says this' },
  [`${STEP}.tool`]: { text: 'It uses this tool', examples: ['Bash'] },
  [`${STEP}.duration`]: { text: 'How long the tool takes', examples: ['2s'] },
  [`${STEP}.isError`]: { text: 'Whether the tool fails' },
  [`${STEP}.tokens`]: {
    text: 'The usage of one reply of the model',
    examples: [{ input: 1_000, output: 200 }],
  },
  [`${STEP}.tokens.input`]: { text: 'Input tokens that did not come from the cache' },
  [`${STEP}.tokens.output`]: { text: 'Tokens that were written' },
  [`${STEP}.tokens.cacheRead`]: { text: 'Tokens that were read from the cache' },
  [`${STEP}.tokens.cacheWrite`]: { text: 'Tokens that were written to the cache' },
  [`${STEP}.cost`]: { text: 'USD that are added to its cost so far' },
  [`${STEP}.delay`]: { text: 'It waits without a word', examples: ['2s'] },
  [`${STEP}.failure`]: { text: 'The attempt fails', values: ERROR_GUIDE },
  [`${STEP}.message`]: { text: "The failure's message" },
  [`${STEP}.attempts`]: { text: 'Only the first so many attempts do this' },
  [`${STEP}.limit`]: {
    text: "The account's usage limit is reached, and resets after this time",
    values: { unknown: 'nobody knows when' },
    examples: ['10m'],
  },
  [`${STEP}.approval`]: { text: 'It asks for the permission to use this tool', examples: ['Write'] },
  [`${STEP}.input`]: { text: 'What it would use the tool for', examples: [{ file_path: 'a.txt' }] },
  [`${STEP}.denied`]: { text: 'It is denied this tool without anyone being asked' },
  [`${STEP}.hang`]: { text: 'It hangs', values: { true: 'until it is ended' } },
  [`${STEP}.write`]: { text: 'It writes this file, relative to its folder', examples: ['notes.txt'] },
  [`${STEP}.content`]: { text: "The file's text" },
  [`${STEP}.result`]: { text: 'Its final text. Default: that of the last `text` step' },
  [`${STEP}.output`]: { text: 'Its structured output', examples: [{ passed: true }] },

  'sessions[].mcpServers.*.type': {
    text: 'How the server is reached. Default: stdio',
    values: { stdio: 'as a program', http: 'over HTTP', sse: 'over HTTP, with server-sent events' },
  },
  'sessions[].mcpServers.*.command': { text: 'Its program', examples: ['npx'] },
  'sessions[].mcpServers.*.args': { text: "The program's arguments" },
  'sessions[].mcpServers.*.env': {
    text: "Variables for the program's environment; references such as ${TOKEN} are resolved at each start",
    examples: [{ TOKEN: '${TOKEN}' }],
  },
  'sessions[].mcpServers.*.url': { text: 'Its address', examples: ['https://mcp.example.com'] },
  'sessions[].mcpServers.*.headers': {
    text: 'Headers of each request; references such as ${TOKEN} are resolved at each start',
    examples: [{ Authorization: 'Bearer ${TOKEN}' }],
  },
};

import type { SessionInput } from '../../../src/index.ts';

type Agent = Exclude<NonNullable<SessionInput['agent']>, string>;
export type Steps = NonNullable<Extract<Agent, { kind: 'scripted' }>['steps']>;

/** A session of the scripted agent. */
export const scripted = (id: string, steps: Steps, more: Partial<SessionInput> = {}): SessionInput => ({
  id,
  projectPath: `../projects/${id}`,
  prompt: `Work on the ${id}.`,
  agent: { kind: 'scripted', steps },
  ...more,
});

/** A session whose agent is a shell command. */
export const program = (id: string, command: string): SessionInput => ({
  id,
  projectPath: `../projects/${id}`,
  prompt: 'Check it.',
  agent: { kind: 'command', command: ['sh', '-c', command] },
  retry: { maximumAttempts: 1 },
});

/** Done at once, for 0.25 USD. */
export const QUICK: Steps = [
  { text: 'Here it is.' },
  { tokens: { input: 100, output: 20 } },
  { cost: 0.25 },
  { result: 'It is done.' },
];

/** Half done, for 0.1 USD; the rest takes longer than any test waits. */
export const SLOW: Steps = [
  { text: 'Half of it is done.' },
  { tokens: { input: 50, output: 10 } },
  { cost: 0.1 },
  { tool: 'Build', duration: '5m' },
  { result: 'All of it is done.' },
];

/** Output once `SLOW` is half done. */
export const HALF_DONE = '"tool":"Build"';

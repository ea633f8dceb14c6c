import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { ASSUMPTIONS } from '../assumptions.ts';
import { BASES } from './delivery/bases.ts';
import { BRANCHES, SCOPES } from './delivery/branches.ts';
import { COMMANDS, TREES, TURNS, WORK } from './delivery/work.ts';
import { ANNOUNCEMENTS } from './illegal/announcements.ts';
import { CONVERSATIONS } from './illegal/conversations.ts';
import { DURATIONS } from './illegal/durations.ts';
import { ENDS } from './illegal/ends.ts';
import { EVENTS } from './illegal/events.ts';
import { FAN_OUTS } from './illegal/fan-outs.ts';
import { FOLLOWERS } from './illegal/followers.ts';
import { GONE } from './illegal/gone.ts';
import { JOURNAL } from './illegal/journal.ts';
import { LIVE } from './illegal/live.ts';
import { HOLDS, MESSAGES } from './illegal/messages.ts';
import { MONEY } from './illegal/money.ts';
import { OUTCOMES } from './illegal/outcomes.ts';
import { OWNERS } from './illegal/owners.ts';
import { REQUESTS } from './illegal/requests.ts';
import { REST } from './illegal/rest.ts';
import { RETRIES } from './illegal/retries.ts';
import { SHARED } from './illegal/shared.ts';
import { STARTS } from './illegal/starts.ts';
import { TIMES } from './illegal/times.ts';
import { VIEWS } from './illegal/views.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const ALL = {
  LIVE,
  HOLDS,
  MESSAGES,
  FAN_OUTS,
  STARTS,
  MONEY,
  CONVERSATIONS,
  ANNOUNCEMENTS,
  OUTCOMES,
  DURATIONS,
  ENDS,
  RETRIES,
  REST,
  GONE,
  SHARED,
  JOURNAL,
  EVENTS,
  VIEWS,
  REQUESTS,
  FOLLOWERS,
  OWNERS,
  TIMES,
  BRANCHES,
  SCOPES,
  BASES,
  WORK,
  TURNS,
  TREES,
  COMMANDS,
};
const SOURCES = readdirSync(ROOT, { recursive: true, encoding: 'utf8' })
  .filter(name => name.endsWith('.ts') && !name.startsWith('check'))
  .map(name => readFileSync(join(ROOT, name), 'utf8'));

describe.each(Object.entries(ALL))('the oracle reports of %s', (_, cases) => {
  test.each(cases)('%s: %s', (rule, says, scene) => {
    const found = scene().found.map(violation => `${violation.rule} ${violation.message}`);
    expect(found.filter(line => line.startsWith(`${rule} `) && line.includes(says))).not.toEqual([]);
  });
});

test('each rule of the oracle has a history that breaks it', () => {
  const said = Object.values(ALL)
    .flat()
    .flatMap(([, , scene]) => scene().found.map(({ message }) => message));
  const silent = SOURCES.flatMap(reports).filter(message => !said.some(line => message.test(line)));
  expect(silent).toEqual([]);
});

test('the assumptions that the code names are those that are listed', () => {
  const named = new Set(
    SOURCES.flatMap(text => [...text.matchAll(/ASSUMPTIONS\.(\w+)/g)].map(match => match[1])),
  );
  expect([...named].sort()).toEqual(Object.keys(ASSUMPTIONS).sort());
});

/** What a source says in its reports, with whatever it puts in. */
function reports(text: string): RegExp[] {
  const calls = text.matchAll(/report\(\s*(?:'[^']+'|\w+),\s*(`(?:[^`\\]|\\.)*`|'[^']*'|"[^"]*")/g);
  return [...calls].map(([, message = '']) => {
    const words = message.slice(1, -1).split(/\$\{(?:[^{}]|\{[^{}]*\})*\}/);
    return new RegExp(
      `^${words.map(part => part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('.*')}$`,
      's',
    );
  });
}

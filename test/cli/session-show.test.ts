// @module-tag processes
import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openWorkshop, session, type Workshop } from './workshop.ts';

let shop: Workshop;
beforeEach(async () => {
  shop = await openWorkshop();
});
afterEach(() => shop.close());

const SESSION = `
  - id: a
    projectPath: a
    prompt: go
    outputSchema: { type: object, required: [count], properties: { count: { type: integer } } }
    agent: { kind: command, command: [sh, -c, 'echo x > "new file.txt"; printf "\\\\033[31m"; echo; echo "{\\"count\\": 3}"'] }
`;

describe('a completed session', () => {
  it('is shown with its result, as text and as JSON', async () => {
    rmSync(join(shop.folder, 'a', '.git'), { recursive: true });
    execFileSync('git', ['init', '-q', join(shop.folder, 'a')]);
    const run = await shop.finished('run', await shop.group(SESSION), '--json');
    expect(run.code).toBe(0);
    const event = run.lines.find(({ type }) => type === 'session_completed');
    expect(event).toMatchObject({ output: { count: 3 }, changedFiles: ['new file.txt'] });
    expect(run.lines.at(-1)).toMatchObject({ type: 'result', sessions: { a: { status: 'completed' } } });
    expect(run.lines.at(-1)?.sessions).not.toHaveProperty('a.output');

    const json = await shop.finished('session', 'show', 'demo', 'a', '--json');
    expect(json.lines).toMatchObject([
      { type: 'session', id: 'a', output: { count: 3 }, changedFiles: ['new file.txt'] },
    ]);
    expect(json.lines[0]?.result).toContain('{"count": 3}');
    const { out } = await shop.finished('session', 'show', 'demo', 'a');
    expect(out).toContain('  changed: 1 file\n    new file.txt\n');
    expect(out).toContain('{\n  "count": 3\n}');
    expect(out).not.toContain('\u001b');
  });

  it('says so if nobody can tell what it changed', async () => {
    rmSync(join(shop.folder, 'a', '.git'), { recursive: true, force: true });
    expect((await shop.finished('run', await shop.group(SESSION), '--plain')).code).toBe(0);
    const { out } = await shop.finished('session', 'show', '@latest', 'a');
    expect(out).toMatch(
      / {2}changed: not known, since git could not tell; .*\/a is in a repository \(git init\)/,
    );
  });

  it('is silent about files if its agent changes none', async () => {
    const file = await shop.group(session('a', '{ result: done }'));
    expect((await shop.finished('run', file, '--plain')).code).toBe(0);
    const { out } = await shop.finished('session', 'show', '@latest', 'a');
    expect(out).toContain('done');
    expect(out).not.toContain('changed');
  });
});

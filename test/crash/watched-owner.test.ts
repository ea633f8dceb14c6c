import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { isSuspended } from '../../src/sdk/process/process-identity.ts';
import { builtCli } from '../cli/built-cli.ts';
import { finished, openWorkshop, session, type Workshop } from '../cli/workshop.ts';

/** What other processes see of a group whose process is killed or stopped. */

let shop: Workshop;
beforeAll(() => void builtCli(), 120_000);
beforeEach(async () => {
  shop = await openWorkshop();
});
afterEach(() => shop.close());

const QUICK = session('a', '{ text: hello }, { cost: 0.25 }, { result: done }');
const HANGING = session('b', '{ text: half }, { hang: true }');

async function running() {
  const run = shop.start('run', await shop.group(QUICK + HANGING), '--json');
  await run.says('"half"');
  await run.says('session_completed');
  return run;
}

const RESUME = /^It is no longer running\. Resume it with: session-groups group resume \d{8}-\d{6}-demo$/m;

describe('a group whose process is killed', () => {
  it.each([
    ['plain', []],
    ['in JSON', ['--json']],
  ])('ends its watchers, %s, with every event and the command that resumes it', async (_, more) => {
    const run = await running();
    const watch = shop.start('group', 'watch', 'demo', ...more);
    await watch.says('started');
    run.process.kill('SIGKILL');
    expect(await run.ended).toBe(137);
    const { code, out, err } = await finished(watch);
    expect(code).toBe(3);
    expect(err).toMatch(RESUME);
    expect(out).toContain('interrupted');

    // A later watcher gets the same.
    const later = await shop.finished('group', 'watch', 'demo', ...more);
    expect({ code: later.code, out: later.out, err: later.err }).toEqual({ code, out, err });
  });

  it('sends its watchers each event once, and the rest once it is resumed', async () => {
    const run = await running();
    const watch = shop.start('group', 'watch', 'demo', '--json');
    await watch.says('half');
    run.process.kill('SIGKILL');
    await run.ended;
    const first = await finished(watch);
    const seqs = first.lines.slice(0, -1).map(line => line.seq);
    expect(seqs).toEqual(seqs.map((_, index) => index));
    expect(first.lines.at(-1)).toMatchObject({ type: 'result', status: 'interrupted' });
    expect(await shop.finished('group', 'stop', 'demo')).toMatchObject({ code: 0 });
    const rest = await shop.finished('group', 'watch', 'demo', '--json', '--from-seq', `${seqs.length}`);
    expect(rest.code).toBe(1);
    expect(rest.lines[0]?.seq).toBe(seqs.length);
    expect(rest.lines.at(-1)).toMatchObject({ type: 'result', status: 'stopped' });
  });
});

describe('a group whose process is stopped', () => {
  it('is asked for nothing, can still be shown, and carries nothing out that was refused (I15)', async () => {
    const run = await running();
    run.process.kill('SIGSTOP');
    await expect.poll(() => isSuspended(run.process.pid ?? 0)).toBe(true);
    const [pause, show] = await Promise.all([
      shop.finished('group', 'pause', 'demo', '--json'),
      shop.finished('group', 'show', 'demo', '--json'),
    ]);
    expect(pause).toMatchObject({ code: 5, lines: [{ type: 'error', code: 'owner_not_answering' }] });
    expect(pause.lines[0]?.message).toContain(`process ${run.process.pid} on `);
    expect(pause.lines[0]?.hint).toContain(`kill -CONT ${run.process.pid}`);
    expect(show).toMatchObject({ code: 0, lines: [{ type: 'group', status: 'running' }] });

    const watch = shop.start('group', 'watch', 'demo', '--json');
    run.process.kill('SIGCONT');
    await expect.poll(() => isSuspended(run.process.pid ?? 0)).toBe(false);
    // Nothing of what was refused has been carried out.
    expect(await shop.finished('group', 'pause', 'demo')).toMatchObject({ code: 0 });
    expect(await run.ended).toBe(3);
    const { code, lines } = await finished(watch);
    expect(code).toBe(3);
    expect(lines.at(-1)).toMatchObject({ type: 'result', status: 'paused' });
  });
});

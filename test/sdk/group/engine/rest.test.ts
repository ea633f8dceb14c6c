import { describe, expect, test } from 'vitest';
import type { GroupResult } from '../../../../src/sdk/group/progress/progress.ts';
import { bench, delay, failing, scripted } from '../../../support/bench.ts';

const failsOnce = () => bench([scripted('a', [failing('invalid_request', 1), { result: 'done' }])]);
const long = () => bench([scripted('a', [delay(10_000)])]);

describe('settled$', () => {
  test('emits the result each time the group settles, and replays nothing', async () => {
    const { group, until, pass } = await failsOnce();
    const [results, late]: GroupResult[][] = [[], []];
    let over = false;
    group.settled$.subscribe({ next: result => results?.push(result), complete: () => (over = true) });
    await until(group.run());
    await pass(1);
    group.settled$.subscribe(result => late?.push(result));
    expect(results).toMatchObject([{ status: 'failed', sessions: { a: { status: 'failed' } } }]);
    await until(group.retry());
    await pass(1);
    expect(results).toMatchObject([{ status: 'failed' }, { status: 'completed' }]);
    expect(late).toMatchObject([{ status: 'completed' }]);
    expect(over).toBe(false);
    await group.dispose();
    expect([over, results?.length]).toEqual([true, 2]);
  });

  test('says nothing when the group pauses', async () => {
    const { group, until, pass } = await long();
    const results: GroupResult[] = [];
    group.settled$.subscribe(result => results.push(result));
    void group.run();
    await pass(1_000);
    await until(group.pause());
    await pass(1);
    expect(results).toEqual([]);
    await until(group.stop());
    await pass(1);
    expect(results).toMatchObject([{ status: 'stopped' }]);
  });
});

describe('rest', () => {
  test('is the next one of a group that runs, and the current one of a group that does not', async () => {
    const { group, until, pass } = await long();
    const first = group.rest();
    void group.run();
    await pass(1_000);
    void group.pause();
    expect((await until(first)).status).toBe('paused');
    expect((await until(group.rest())).status).toBe('paused');
    void group.resume();
    expect((await until(group.rest())).status).toBe('completed'); // not the pause that the resume leaves
    expect((await until(group.rest())).status).toBe('completed');
  });

  test('of a group that never ran ends with it', async () => {
    const { group } = await long();
    const rest = group.rest();
    await group.dispose();
    await expect(rest).rejects.toMatchObject({ code: 'disposed' });
    await expect(group.rest()).rejects.toMatchObject({ code: 'disposed' });
  });
});

import { describe, expect, it } from 'vitest';
import { createStartGate } from '../../../../src/sdk/session/claude-code/start-gate.ts';

describe('the start gate', () => {
  it('admits as many as its limit, and the others in order as slots become free', () => {
    const gate = createStartGate(2);
    const inside: string[] = [];
    const leave = new Map<string, () => void>();
    for (const name of ['a', 'b', 'c', 'd']) {
      gate.request(leaving => {
        inside.push(name);
        leave.set(name, leaving);
      });
    }
    expect(inside).toEqual(['a', 'b']);
    leave.get('b')?.();
    expect(inside).toEqual(['a', 'b', 'c']);
    leave.get('a')?.();
    expect(inside).toEqual(['a', 'b', 'c', 'd']);
  });

  it('counts a slot that is left twice once', () => {
    const gate = createStartGate(1);
    const inside: number[] = [];
    let leaveFirst = (): void => {};
    gate.request(leave => {
      leaveFirst = leave;
    });
    for (const number of [1, 2]) gate.request(() => inside.push(number));
    leaveFirst();
    leaveFirst();
    expect(inside).toEqual([1]);
  });

  it('forgets withdrawn requests', () => {
    const gate = createStartGate(1);
    const inside: string[] = [];
    let leaveFirst = (): void => {};
    gate.request(leave => {
      leaveFirst = leave;
    });
    const giveUp = gate.request(() => inside.push('gave up'));
    gate.request(() => inside.push('stayed'));
    giveUp();
    leaveFirst();
    expect(inside).toEqual(['stayed']);
  });

  it('continues if one leaves the moment it enters', () => {
    const gate = createStartGate(1);
    const inside: number[] = [];
    for (const number of [1, 2, 3]) {
      gate.request(leave => {
        inside.push(number);
        leave();
      });
    }
    expect(inside).toEqual([1, 2, 3]);
  });
});

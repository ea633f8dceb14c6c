import { describe, expect, it } from 'vitest';
import { type ApprovalRequest, Approvals } from '../../../../src/sdk/group/attempt/approvals.ts';
import { SimulatedClock } from '../../../../src/sdk/simulated-clock.ts';

const request = (requestId: string): ApprovalRequest => ({
  ...{ requestId, tool: 'Bash', input: {}, written: {} },
  redact: text => text,
});

function desk(timeoutMs = 60_000) {
  const clock = new SimulatedClock();
  const shown: string[] = [];
  const expired: string[] = [];
  const approvals = new Approvals({
    clock,
    timeoutMs,
    onShow: ({ requestId }) => shown.push(requestId),
    onTimeout: ({ requestId }) => expired.push(requestId),
  });
  return { clock, shown, expired, approvals };
}

describe('requests for permission', () => {
  it('are shown one at a time, in order of arrival', () => {
    const { approvals, shown, clock } = desk();
    approvals.ask(request('one'));
    approvals.ask(request('two'));
    expect(shown).toEqual(['one']);
    approvals.done('one');
    expect(shown).toEqual(['one']); // not synchronously
    clock.advance(0);
    expect(shown).toEqual(['one', 'two']);
    approvals.done('two');
    expect(approvals.current).toBeUndefined();
    expect(clock.pending).toBe(0);
  });

  it('time out, each counted from its own turn', () => {
    const { approvals, expired, clock } = desk(60_000);
    approvals.ask(request('one'));
    approvals.ask(request('two'));
    clock.advance(59_000);
    approvals.done('one');
    clock.advance(59_000);
    expect(expired).toEqual([]);
    clock.advance(1_000);
    expect(expired).toEqual(['two']);
  });

  it('can be withdrawn before their turn', () => {
    const { approvals, shown, clock } = desk();
    approvals.ask(request('one'));
    approvals.ask(request('two'));
    approvals.ask(request('three'));
    approvals.done('two');
    approvals.done('one');
    clock.advance(0);
    expect(shown).toEqual(['one', 'three']);
  });

  it('are dropped with their attempt', () => {
    const { approvals, shown, expired, clock } = desk();
    approvals.ask(request('one'));
    approvals.ask(request('two'));
    approvals.clear();
    clock.advance(120_000);
    expect([shown, expired]).toEqual([['one'], []]);
    expect(clock.pending).toBe(0);
  });
});

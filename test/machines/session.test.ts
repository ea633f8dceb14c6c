import { describe, expect, test } from 'vitest';
import type { AnyStateNode } from 'xstate';
import { sessionMachine } from '../../machines/session.machine.ts';
import { type Happening, START, sessionChart, sessionInput } from '../support/session-chart.ts';
import { ROWS } from './session-table.ts';

const leavesOf = ({ key, states }: AnyStateNode): string[] => {
  const children = Object.values(states);
  return children.length === 0 ? [key] : children.flatMap(leavesOf);
};

const nameOf = (what: Happening): string => {
  if (typeof what === 'string') return what;
  const detail = 'error' in what ? ` ${what.error.code}` : 'requestId' in what ? ` ${what.requestId}` : '';
  return `${what.type}${detail}`;
};

describe("a session's chart goes as its table says", () => {
  const named = ROWS.map(row => ({
    ...row,
    name: [...row.path, row.event].map(nameOf).join(', '),
    given: row.input ? ` (${Object.keys(row.input).join(', ')})` : '',
  }));
  test.each(named)('$name → $to$given', async ({ path, event, to, does, input = {} }) => {
    const chart = sessionChart(
      input.retry ? { ...input, retry: { ...sessionInput().retry, ...input.retry } } : input,
    );
    for (const step of path) await chart.happens(step);
    chart.log.length = 0;
    await chart.happens(event);
    expect([chart.state, chart.log]).toEqual([to, does]);
  });

  test('and the table has every state and every event of the chart', async () => {
    const states = new Set<string>();
    for (const { path, event, input = {} } of ROWS) {
      const chart = sessionChart(input.retry ? {} : input);
      for (const step of [...path, event]) {
        states.add(chart.state);
        await chart.happens(step);
      }
      states.add(chart.state);
    }
    const elsewhere = ['admitted', 'continuing', 'gone']; // passed through; see below
    expect([...states, ...elsewhere].sort()).toEqual(leavesOf(sessionMachine.root).sort());
    const events = new Set(ROWS.map(({ event }) => (typeof event === 'string' ? '' : event.type)));
    expect(
      sessionMachine.events
        .filter(type => !/^xstate|[*]$/.test(type) && type !== 'group.gone')
        .filter(type => !events.has(type as never)),
    ).toEqual([]);
  });
});

describe('a session whose group is gone', () => {
  const sessions = new Map(
    ROWS.filter(({ input = {} }) => !input.retry).map(row => [[...row.path].map(nameOf).join(), row]),
  );
  test.each([...sessions])('is gone too, after %s, and no timer is left', async (_, { path, input = {} }) => {
    const chart = sessionChart(input);
    for (const step of path) await chart.happens(step);
    await chart.happens({ type: 'group.gone' });
    expect(chart.log.at(-1)).toBe('xstate.done.actor.s');
    expect(chart.clock.nextAt).toBeUndefined();
  });
});

describe('what a session remembers', () => {
  test('each backoff is longer than the one before, up to its maximum', async () => {
    const chart = sessionChart({
      retry: {
        maximumAttempts: 9,
        initialInterval: 1_000,
        backoffCoefficient: 3,
        maximumInterval: 10_000,
        nonRetryableErrorTypes: [],
      },
    });
    const delays: number[] = [];
    for (let i = 0; i < 4; i++) {
      await chart.happens({ type: 'agent.failed', error: { code: 'overloaded', message: '' } });
      delays.push(chart.context.deadline - chart.clock.now());
      await chart.happens('deadline');
      await chart.happens({ type: 'slot.granted' });
    }
    expect(delays).toEqual([1_000, 3_000, 9_000, 10_000]);
    expect(chart.context).toMatchObject({ attempts: 5, failures: 4 });
  });

  test('pauses, limits and caps never count as failures (spec-session-groups.md §5)', async () => {
    const chart = sessionChart();
    const goOn = async () => {
      await chart.happens({ type: 'slot.granted' });
    };
    await chart.happens({ type: 'pause' });
    await chart.happens({ type: 'agent.ended' });
    await chart.happens({ type: 'resume' });
    await goOn();
    await chart.happens({ type: 'agent.limited', until: START + 1, message: '' });
    await chart.happens('deadline');
    await goOn();
    await chart.happens({
      type: 'agent.failed',
      error: { code: 'session_budget', message: '' },
      cappedByGroup: true,
    });
    await chart.happens('deadline');
    await goOn();
    expect(chart.state).toBe('working');
    expect(chart.context).toMatchObject({ attempts: 4, failures: 0, error: undefined, intent: undefined });
  });

  test('an attempt that is lost with its worker counts only among losses in a row', async () => {
    const chart = sessionChart();
    const goOn = async () => {
      await chart.happens('deadline');
      await chart.happens({ type: 'slot.granted' });
    };
    for (let losses = 1; losses <= 3; losses++) {
      await chart.happens({ type: 'agent.lost' });
      expect(chart.context).toMatchObject({ failures: 0, losses, error: { code: 'worker_lost' } });
      await goOn();
    }
    await chart.happens({ type: 'agent.lost', returned: true });
    expect(chart.context).toMatchObject({ failures: 0, losses: 3, error: { code: 'worker_drained' } });
    await goOn();
    await chart.happens({ type: 'agent.lost' });
    expect(chart.context).toMatchObject({ failures: 1, losses: 0, error: { code: 'process_lost' } });
    expect(chart.context.attempts).toBe(5);
  });

  test('one of another engine is neither counted nor started', async () => {
    const chart = sessionChart({ attempts: 2, failures: 1, adopted: true });
    expect(chart.log).toEqual(['show running', 'adoptAttempt']);
    expect(chart.context).toMatchObject({ attempts: 2, failures: 1 });
  });

  test('an attempt that could not be announced is none', async () => {
    const chart = sessionChart();
    await chart.happens({ type: 'agent.unstarted' });
    expect(chart.context).toMatchObject({ attempts: 0, failures: 0 });
    await chart.happens({ type: 'resume' });
    await chart.happens({ type: 'slot.granted' });
    expect([chart.state, chart.context.attempts]).toEqual(['working', 1]);
  });

  test('the denials are counted in the error', async () => {
    const chart = sessionChart();
    await chart.happens({ type: 'agent.done', denials: 2 });
    expect(chart.context.error).toEqual({
      code: 'permission_denied',
      message: '2 requests for permission were denied',
    });
  });

  test("the watchdog's error decides, whatever the agent said while it was being ended", async () => {
    const chart = sessionChart();
    await chart.happens({ type: 'timeout', error: { code: 'session_budget', message: 'spent' } });
    await chart.happens({ type: 'agent.failed', error: { code: 'server_error', message: 'later' } });
    expect(chart.state).toBe('failed');
    expect(chart.context.error?.code).toBe('session_budget');
  });

  test('and is what another attempt is told of', async () => {
    const chart = sessionChart();
    await chart.happens({ type: 'timeout', error: { code: 'idle_timeout', message: 'silent' } });
    await chart.happens({ type: 'agent.failed', error: { code: 'agent_error', message: 'killed' } });
    expect([chart.state, chart.context.error?.code]).toEqual(['retrying', 'idle_timeout']);
  });

  test('why its prompt could not be prepared', async () => {
    const chart = sessionChart({ prepared: false });
    await chart.happens('unprepared');
    expect(chart.context.error).toEqual({ code: 'prepare_failed', message: 'no such variable' });
  });
});

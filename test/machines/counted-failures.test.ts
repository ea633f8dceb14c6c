import { expect, test } from 'vitest';
import { applyToSession, newSessionFold } from '../../src/sdk/group/journal/fold-session.ts';
import { sessionChart } from '../support/session-chart.ts';
import { ROWS } from './session-table.ts';

/** What a session continues with is folded from what its chart announced. */
const continued = ({
  failures,
  askedToGoOn,
}: {
  readonly failures: number;
  readonly askedToGoOn?: boolean | undefined;
}) => ({
  failures,
  askedToGoOn: askedToGoOn === true,
});

const retries = ROWS.filter(({ to, does }) => to === 'retrying' && does.includes('announceRetry'));

test.each(retries.map(row => [JSON.stringify([row.path, row.event]), row] as const))(
  'a restored session has counted what the live one has, after %s',
  async (_, { path, event, input = {} }) => {
    const chart = sessionChart(input.retry ? {} : input);
    for (const step of path) await chart.happens(step);
    const fold = { ...newSessionFold(), ...continued(chart.context) };
    await chart.happens(event);
    const error = chart.context.error ?? { code: 'process_lost', message: '' };
    applyToSession(
      fold,
      {
        type: 'session_retrying',
        sessionId: 's',
        attempt: 2,
        delayMs: 0,
        error,
        seq: 1,
        time: '',
        groupId: 'g',
      },
      0,
    );
    expect(continued(fold)).toEqual(continued(chart.context));
  },
);

test('there are retries that count and others that do not', () => {
  expect(retries.length).toBeGreaterThan(5);
});

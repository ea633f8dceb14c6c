import { describe, expect, test } from 'vitest';
import { explore } from '../support/explore.ts';
import { EXPLORED_GROUPS } from '../support/explored-groups.ts';

describe('every state that the real group chart can get into', () => {
  test.each(EXPLORED_GROUPS)('with %s keeps I2–I7, I9 and I13 on every edge', (_, setup, alphabet) => {
    const { findings, states, edges, values } = explore(setup, alphabet);
    expect(findings).toEqual([]);
    expect(states).toBeGreaterThan(40);
    expect(edges).toBeGreaterThan(5 * states);
    const { status } = setup.restored ?? {};
    const begin = status ? `interrupted.${status === 'pausing' ? status : 'running'}` : 'created';
    const delivering = setup.delivers ? ['delivering'] : [];
    const common = ['running', 'pausing', 'paused', 'stopping', 'stopped', 'completed', 'failed'];
    expect(values).toEqual(new Set([begin, ...common, ...delivering]));
  });
});

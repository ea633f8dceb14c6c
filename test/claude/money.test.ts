import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type GroupBench, groupBench } from '../support/group-bench.ts';
import { moneyShapes, runShape } from '../support/money-shapes.ts';

let bench: GroupBench;
beforeEach(async () => {
  bench = await groupBench();
});
afterEach(async () => {
  expect(bench.api.failures).toEqual([]);
  await bench.close();
});

const shapeOf = (name: string) => {
  const shape = moneyShapes().find(one => one.name === name);
  if (!shape) throw new Error(`no shape is called ${name}`);
  return shape;
};
/** A cut reply's output is known only to the token or two. */
const ALMOST = 0.0001;

describe('what a group says that claude has spent', () => {
  it.each([
    'plain',
    'cached context, one hour too',
    'web search by the API',
    '1M context',
    'long context at a higher price',
    'fallback model',
  ])('is exact before the client says it: %s', async name => {
    const { estimatedUsd, finalUsd, clientUsd, apiUsd } = await runShape(bench, shapeOf(name));
    expect(estimatedUsd).toBeCloseTo(apiUsd, 6);
    expect(finalUsd).toBeCloseTo(clientUsd, 6);
    expect(finalUsd).toBeCloseTo(apiUsd, 6);
  });

  it.each([
    'subagent with cached context',
    'three subagents with cached context',
    'nested subagents',
    'two models',
    'compaction',
    'web search by the tool',
  ])('is an estimate of the right size until the client says it: %s', async name => {
    const { estimatedUsd, finalUsd, clientUsd, apiUsd } = await runShape(bench, shapeOf(name));
    expect(estimatedUsd).toBeGreaterThan(apiUsd / 2);
    expect(estimatedUsd).toBeLessThan(apiUsd * 2);
    expect(finalUsd).toBeCloseTo(clientUsd, 6);
    expect(finalUsd).toBeCloseTo(apiUsd, 6);
  });

  it('keeps a reply that was cut by SIGKILL, of which the client says nothing', async () => {
    const { finalUsd, apiUsd, all } = await runShape(bench, shapeOf('reply cut by SIGKILL'));
    expect(Math.abs(finalUsd - apiUsd)).toBeLessThan(ALMOST);
    expect(all('session_started')).toHaveLength(1);
  });

  it.each(['reply cut by a pause', 'transcript torn in its last lines'])(
    'keeps everything that the API charges for, whatever the client says: %s',
    async name => {
      const { all, ...figures } = await runShape(bench, shapeOf(name));
      expect(Math.abs(figures.finalUsd - figures.apiUsd)).toBeLessThan(ALMOST);
      expect(all('session_started')).toHaveLength(1);
    },
  );

  it.each(['transcript deleted', 'transcript torn in its first line'])(
    'keeps everything that the API charges for, and says that it starts over: %s',
    async name => {
      const { all, group, ...figures } = await runShape(bench, shapeOf(name));
      expect(group.getResult().status).toBe('completed');
      expect(Math.abs(figures.finalUsd - figures.apiUsd)).toBeLessThan(ALMOST);
      expect(all('session_started')).toMatchObject([{ attempt: 1 }, { attempt: 2, startedOver: true }]);
      expect(all('session_warning')).toHaveLength(1);
    },
  );

  it('does not lose the replies of a subagent that was killed', async () => {
    const { finalUsd, apiUsd, clientUsd } = await runShape(bench, shapeOf('killed in a subagent'));
    expect(clientUsd).toBeLessThan(apiUsd / 2); // the client has lost them
    expect(finalUsd).toBeGreaterThan(apiUsd * 0.6);
    expect(finalUsd).toBeLessThanOrEqual(apiUsd);
  });

  it.each(['model of a known family', 'model of no known family'])(
    'is flagged where no price is known, and then the figure of the client: %s',
    async name => {
      const { finalUsd, clientUsd, all } = await runShape(bench, shapeOf(name));
      expect(finalUsd).toBeCloseTo(clientUsd, 6);
      expect(all('session_warning')).toHaveLength(1);
    },
  );
});

import { expect, test, vi } from 'vitest';
import { planGroup } from '../../../../src/sdk/group/api/plan.ts';
import { parseDefinition } from '../../../../src/sdk/group/definition/definition.ts';
import { SessionDefinition } from '../../../../src/sdk/group/types.ts';

/** A list that counts how often one of its items is read. */
function counted<T extends object>(items: T[], count: () => void): T[] {
  return new Proxy(items, {
    get(target, key, receiver) {
      if (typeof key === 'string' && /^\d+$/.test(key)) count();
      return Reflect.get(target, key, receiver);
    },
  });
}

/** What a definition whose sessions have ten edges each costs, per session. */
async function costs(count: number) {
  let reads = 0;
  const parses = vi.spyOn(SessionDefinition, 'safeParse');
  const sessions = Array.from({ length: count }, (_, index) => ({
    id: `s${index}`,
    projectPath: '.',
    prompt: 'go',
    dependsOn: counted(
      Array.from({ length: Math.min(10, index) }, (_, back) => ({ session: `s${index - 1 - back}` })),
      () => {
        reads += 1;
      },
    ),
  }));
  const definition = { version: 1, name: 'Counted', config: { agent: 'claude' }, sessions };
  const loaded = await parseDefinition(definition, { env: {} });
  planGroup(loaded);
  const edges = loaded.definition.sessions.reduce((sum, { dependsOn }) => sum + dependsOn.length, 0);
  const perSession = parses.mock.calls.length / count;
  parses.mockRestore();
  return { parses: perSession, readsPerEdge: reads / edges };
}

test('each session is parsed once, and each edge is read as often in a group of 100 as in one of 5,000', async () => {
  const [few, many] = [await costs(100), await costs(5_000)];
  expect([few.parses, many.parses]).toEqual([1, 1]);
  expect(many.readsPerEdge / few.readsPerEdge).toBeCloseTo(1, 1);
  expect(many.readsPerEdge).toBeLessThan(6);
});

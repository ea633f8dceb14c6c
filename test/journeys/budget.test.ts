import { afterAll, beforeAll, expect, test } from 'vitest';
import { openWorkplace, type Workplace } from './workplace.ts';

let place: Workplace;
beforeAll(() => {
  place = openWorkplace();
});
afterAll(() => place.close());

test('a budget that is spent pauses the group; raised in another terminal, it ends with the same conversations', async () => {
  place.write(
    'work/session-groups.yaml',
    `
version: 1
name: Two reviews
config: { agent: scripted, budget: { maxBudgetUsd: 0.1 }, concurrency: { maxPerProject: 2 } }
sessions:
  - id: long
    projectPath: .
    prompt: Review all of it.
    agent: { kind: scripted, steps: [{ text: I begin. }, { cost: 0.12 }, { delay: 600ms }, { cost: 0.05 }, { result: two findings }] }
  - id: after
    projectPath: .
    prompt: "Sum up: {{ sessions.long.result }}"
    dependsOn: [long]
    agent: { kind: scripted, steps: [{ cost: 0.01 }, { result: summed up }] }
`,
  );
  const first = place.terminal('session-groups run session-groups.yaml');
  expect(await first.ended).toBe(3);
  expect(first.screen()).toContain('paused (the budget is used up)');
  expect(first.screen().replaceAll('\n', '')).toMatch(/resume it with: .* --max-budget-usd 1/);

  const status = place.sh('session-groups status @latest').out;
  expect(status).toContain('paused (limit reached: $0.12 of $0.10)');
  expect(status).toMatch(/pending\s+after/);
  const tooLittle = place.sh('session-groups group resume @latest --max-budget-usd 0.11');
  expect(tooLittle.code).toBe(5);

  const second = place.terminal('session-groups group resume @latest --max-budget-usd 1');
  expect(await second.ended).toBe(0);
  expect(second.screen()).toMatch(/✓ completed\s+Two reviews/);
  expect(place.sh('session-groups logs @latest long').out).toMatch(/resumed/);
  const group = JSON.parse(place.sh('session-groups group show @latest --json').out);
  expect(group.limitUsd).toBe(1);
  expect(group.totalCostUsd).toBeCloseTo(0.18);
});

import type { Agent } from '../../src/sdk/session/agent.ts';
import { createClaudeAgent } from '../../src/sdk/session/claude-code/claude-agent.ts';

/**
 * The real agent, with the client's own cost figures: by conversation or by process, whatever it counts.
 * @param corrected what these have changed of the group's own figures so far, in USD.
 */
export function clientFigures(corrected: () => number = () => 0) {
  const figures = new Map<string, number>();
  const real = createClaudeAgent();
  let lastCorrection = 0;
  const claude: Agent = {
    ...real,
    start: (spec, sink) =>
      real.start(spec, event => {
        const before = corrected();
        sink(event);
        if (event.type !== 'cost') return;
        lastCorrection = corrected() - before;
        const counted = event.scope === 'conversation' ? '' : spec.attempt;
        figures.set(`${spec.conversation.id} ${counted}`, event.costUsd);
      }),
  };
  const total = (): number => [...figures.values()].reduce((sum, usd) => sum + usd, 0);
  return { agents: { claude }, figures, total, lastCorrection: () => lastCorrection };
}

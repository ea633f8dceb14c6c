import type { Agent } from '../../src/sdk/session/agent.ts';
import { createClaudeAgent } from '../../src/sdk/session/claude-code/claude-agent.ts';

/** The real agent, with the client's own cost figures: by conversation or by process, whatever it counts. */
export function clientFigures() {
  const figures = new Map<string, number>();
  const real = createClaudeAgent();
  const claude: Agent = {
    ...real,
    start: (spec, sink) =>
      real.start(spec, event => {
        if (event.type === 'cost') {
          const counted = event.scope === 'conversation' ? '' : spec.attempt;
          figures.set(`${spec.conversation.id} ${counted}`, event.costUsd);
        }
        sink(event);
      }),
  };
  const total = (): number => [...figures.values()].reduce((sum, usd) => sum + usd, 0);
  return { agents: { claude }, figures, total };
}

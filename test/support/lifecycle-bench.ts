import { createMemoryStore } from '../../src/sdk/group/store/memory-store.ts';
import { SimulatedClock } from '../../src/sdk/simulated-clock.ts';
import { answerOf } from '../../src/sdk/testing/lifecycle/real-group.ts';
import { ALWAYS, NEVER_MS, type Rehearsal, rehearse } from '../../src/sdk/testing/lifecycle/rehearsal.ts';
import type { LifecycleStep } from '../../src/sdk/testing/lifecycle/types.ts';
import { LifecycleWorld } from '../../src/sdk/testing/lifecycle/world.ts';
import { createPuppetAgent } from '../../src/sdk/testing/puppet-agent.ts';
import { definitionOf, ownSlug, projectPath } from './bench.ts';
import { diskFull, faultyStore } from './faulty-store.ts';
import { expect } from './light-expect.ts';

/** A group of sessions that are alike, wait for nothing, and have a slot each. */
export const alike = (sessions: number, errorThreshold: number): Promise<Rehearsal> => {
  const ids = Array.from({ length: sessions }, (_, index) => `s${index}`);
  const definition = definitionOf(
    ids.map(id => ({ id, prompt: 'go', permissions: { onRequest: 'deny' } })),
    {
      budget: { maxBudgetUsd: 100, warningThreshold: 0.5 },
      concurrency: { maxConcurrent: sessions + 1, errorThreshold },
    },
  );
  return rehearse({ ...definition, slug: ownSlug() }, { env: {} });
};

/** What the exported world leaves out: requests that don't apply, another definition, and a disk that fails. */
export class LifecycleBench extends LifecycleWorld {
  #isDiskFailing = false;

  static override async open({ rehearsal }: { readonly rehearsal: Rehearsal }): Promise<LifecycleBench> {
    const memory = createMemoryStore();
    const puppet = createPuppetAgent({ kind: 'scripted', ignoresInterrupt: true });
    let isFailing = () => false;
    const store = faultyStore(() => {
      if (isFailing()) throw diskFull();
    }, memory);
    const bench = new LifecycleBench({
      ...{ rehearsal, clock: new SimulatedClock(), env: {} },
      puppets: new Map([['scripted', puppet]]),
      store: { store, killOwner: id => memory.crash(id) },
    });
    isFailing = () => {
      const failing = bench.#isDiskFailing;
      bench.#isDiskFailing = false;
      return failing;
    };
    return bench.opened();
  }

  protected override async really(step: LifecycleStep): Promise<string | undefined> {
    if (step.type === 'journal.failed') {
      const [attempt] = this.livePuppets();
      this.#isDiskFailing = true;
      attempt?.says('what the journal cannot take');
      return undefined;
    }
    if (step.type === 'definition.change') {
      const added = this.group.addSession({
        ...{ id: 'added', prompt: 'go', projectPath: projectPath(90) },
        ...{ timeouts: { attempt: NEVER_MS, idle: NEVER_MS }, retry: ALWAYS },
      });
      await added.catch(() => {}); // it looks at the project first
      return answerOf(added);
    }
    if (step.type === 'approval.answer') {
      expect(await super.really(step)).toBe('no_such_request'); // the handle knows without asking the chart
      return undefined;
    }
    return super.really(step);
  }
}

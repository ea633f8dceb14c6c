import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  benchAgent,
  createFileStore,
  createSessionGroup,
  memoryProjectGate,
  UNSTOPPABLE,
} from '../lib/product.mjs';

/** The product with all that it does for a session, an agent whose work is the task, and a subscriber to every event. */
export async function prepare({ dependencies, limit, task, options = {} }) {
  const folder = mkdtempSync(join(tmpdir(), 'bench-'));
  const agent = benchAgent('task', ({ sessionId, conversation }, emit) => {
    void task(Number(sessionId.slice(1))).then(() => {
      emit({ type: 'started', conversationId: conversation.id });
      emit({ type: 'ended', end: { outcome: 'done', result: 'done', denials: [] } });
    });
    return UNSTOPPABLE;
  });
  const definition = {
    ...{ version: 1, name: 'Bench' },
    config: {
      agent: { kind: 'task' },
      sessionDefaults: { generateClaudeMd: false },
      concurrency: { maxConcurrent: limit, maxPerProject: limit },
    },
    sessions: dependencies.map((needed, index) => ({
      ...{ id: `s${index}`, projectPath: folder, prompt: 'Work', dependsOn: needed.map(one => `s${one}`) },
    })),
  };
  const group = await createSessionGroup(definition, {
    ...{ agents: { task: agent }, projects: memoryProjectGate(), env: {} },
    ...(options.store ? { store: storeOf(options.store, folder) } : {}),
  });
  let events = 0;
  group.events$.subscribe(() => {
    events += 1;
  });
  return {
    async run() {
      const { status } = await group.run();
      if (status !== 'completed') throw new Error(`the group is ${status}`);
      return { events };
    },
    async close() {
      await group.dispose();
      rmSync(folder, { recursive: true });
    },
  };
}

const storeOf = (store, folder) =>
  store === 'file' ? createFileStore({ dataDir: join(folder, 'data') }) : store;

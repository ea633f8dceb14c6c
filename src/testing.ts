export { MemoryJournal } from './sdk/group/store/memory-journal.ts';
export { createMemoryStore } from './sdk/group/store/memory-store.ts';
export { memoryProjectGate } from './sdk/project/project-gate.ts';
export {
  type AgentConformanceCase,
  type AgentFixture,
  agentConformance,
  agentConformanceCases,
} from './sdk/session/agent-conformance.ts';
export { createScriptedAgent } from './sdk/session/scripted/scripted.ts';
export { SimulatedClock } from './sdk/simulated-clock.ts';
export { lifecycleEvents } from './sdk/testing/lifecycle-events.ts';
export { lifecycleModel } from './sdk/testing/lifecycle-model.ts';
export type { LifecycleContext, LifecycleEvent, LifecycleInput } from './sdk/testing/lifecycle-types.ts';
export type { StoreFixture } from './store/conformance/conformance-case.ts';
export { storeConformance, storeConformanceCases } from './store/store-conformance.ts';

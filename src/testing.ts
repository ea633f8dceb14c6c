export { MemoryJournal } from './sdk/group/store/memory-journal.ts';
export { createMemoryStore } from './sdk/group/store/memory-store.ts';
export { memoryProjectGate } from './sdk/project/project-gate.ts';
export {
  type AgentConformanceCase,
  agentConformance,
  agentConformanceCases,
} from './sdk/session/agent-conformance.ts';
export { createScriptedAgent } from './sdk/session/scripted/scripted.ts';
export type { AgentFixture, ResumableFixture } from './sdk/session/watched-attempt.ts';
export { SimulatedClock } from './sdk/simulated-clock.ts';
export { executorConformance, executorConformanceCases } from './sdk/testing/executor-conformance.ts';
export type {
  ExecutorConformanceCase,
  ExecutorFixture,
  PuppetStep,
  PuppetTrees,
} from './sdk/testing/executor-fixture.ts';
export { drive, flush } from './sdk/testing/flush.ts';
export {
  type GroupLifecycleCase,
  type GroupLifecycleOptions,
  type GroupLifecycleReport,
  groupLifecycleCases,
  testGroupLifecycle,
} from './sdk/testing/group-lifecycle.ts';
export type { PuppetResult } from './sdk/testing/lifecycle/rehearsal.ts';
export { createPuppetAgent, type PuppetAgent, type PuppetAgentOptions } from './sdk/testing/puppet-agent.ts';
export type { PermissionAnswer, PuppetAttempt, PuppetUsage } from './sdk/testing/puppet-attempt.ts';
export type { StoreConformanceCase, StoreFixture } from './store/conformance/conformance-case.ts';
export { storeConformance, storeConformanceCases } from './store/store-conformance.ts';

export type { ErrorCode, PauseReason, SkipReason } from '../machines/vocabulary.ts';
export { GROUP_STATUSES, PAUSE_REASONS, SESSION_STATUSES } from '../machines/vocabulary.ts';
export { toMermaid } from './inspect/mermaid.ts';
export { toStatelyJson } from './inspect/stately-json.ts';
export { type Clock, systemClock } from './sdk/clock.ts';
export type { ThrownCode } from './sdk/error-codes.ts';
export { AgentUnavailableError, RefusedError, SessionGroupsError } from './sdk/errors.ts';
export {
  createGroupMachine,
  createSessionGroup,
  type GroupLogic,
  openSessionGroup,
} from './sdk/group/api/create.ts';
export type { ListFilter } from './sdk/group/api/list-groups.ts';
export type { GroupManagerOptions, SessionGroupOptions } from './sdk/group/api/options.ts';
export { type GroupPlan, planGroup } from './sdk/group/api/plan.ts';
export { type GroupPreview, preview, type SessionPreview } from './sdk/group/api/preview.ts';
export type { McpConfig } from './sdk/group/config/mcp-config.ts';
export {
  ConfigGenerator,
  type ConfigGroup,
  type ConfigInput,
  type ConfigSource,
  type GeneratedConfig,
  generateClaudeMd,
  generateMcpConfig,
} from './sdk/group/config-generator.ts';
export { type LoadedDefinition, loadDefinition, parseDefinition } from './sdk/group/definition/definition.ts';
export type { DefinitionChanges } from './sdk/group/definition/definition-changes.ts';
export { definitionJsonSchema } from './sdk/group/definition/json-schema.ts';
export type {
  ChangeOrigin,
  SessionChanges,
  UpdateOrigin,
} from './sdk/group/definition/next-definition.ts';
export type {
  Changes,
  Diff,
  RepositoryDelivery,
  RepositoryUndo,
  SessionDelivery,
  UnmergedWork,
} from './sdk/group/delivery/delivered.ts';
export { type DeliveryOptions, type DeliveryView, viewDelivery } from './sdk/group/delivery/delivery-view.ts';
export { UnmergedWorkError } from './sdk/group/delivery/unmerged.ts';
export {
  buildGraph,
  DependencyGraph,
  type GraphInput,
  type GraphOptions,
  getExecutionOrder,
} from './sdk/group/dependency-graph.ts';
export type { Diagnostic } from './sdk/group/document/diagnostics.ts';
export { DefinitionError } from './sdk/group/document/diagnostics.ts';
export { renderDiagnostics } from './sdk/group/document/render-diagnostic.ts';
export { GroupEvent, type GroupEventType } from './sdk/group/journal/events.ts';
export type { GroupFold } from './sdk/group/journal/fold.ts';
export type { Journal } from './sdk/group/journal/journal.ts';
export type { JournalRecord } from './sdk/group/journal/records.ts';
export { GroupManager } from './sdk/group/manager.ts';
export { getGroupStats, type SessionStatsInput } from './sdk/group/progress/group-stats.ts';
export type {
  GroupProgress,
  GroupResult,
  GroupStats,
  SessionProgress,
  SessionResult,
  WaitReason,
} from './sdk/group/progress/progress.ts';
export { type AggregatorInput, ProgressAggregator } from './sdk/group/progress-aggregator.ts';
export { GroupRunner, type SessionGroupHandle } from './sdk/group/runner.ts';
export { QuotaGate } from './sdk/group/schedule/quota-gate.ts';
export type { KeptStatus, ListedMeta } from './sdk/group/standing/kept-status.ts';
export { findGroup } from './sdk/group/store/find-group.ts';
export { groupIdOf } from './sdk/group/store/group-id.ts';
export { listedGroups, newGroupMeta } from './sdk/group/store/group-meta.ts';
export {
  JournalDamagedError,
  JournalError,
  type JournalErrorCode,
} from './sdk/group/store/journal-errors.ts';
export { createMemoryStore } from './sdk/group/store/memory-store.ts';
export {
  type GroupMeta,
  GroupOwnedError,
  type GroupOwner,
  type GroupStore,
  type HistoryOptions,
  type NewDefinition,
  type NewGroup,
  type OwnedGroup,
  type StoredGroup,
  type TakeOptions,
} from './sdk/group/store/store.ts';
export {
  BudgetConfig,
  ConcurrencyConfig,
  GroupStatus,
  RetryPolicy,
  SessionConfig,
  SessionDefinition,
  SessionDependency,
  type SessionGroup,
  SessionGroupConfig,
  SessionGroupDefinition,
  type SessionGroupInput,
  type SessionInput,
  SessionStatus,
} from './sdk/group/types.ts';
export { fileProjectGate } from './sdk/project/file-project-gate.ts';
export type { ProjectGate } from './sdk/project/project-gate.ts';
export type {
  Agent,
  AgentCheck,
  AgentEvent,
  Attempt,
  AttemptEnd,
  AttemptSpec,
} from './sdk/session/agent.ts';
export type { OwnAgentConfig } from './sdk/session/agent-config.ts';
export type { AgentCapabilities } from './sdk/session/agent-kinds.ts';
export { createClaudeAgent } from './sdk/session/claude-code/claude-agent.ts';
export { createCommandAgent } from './sdk/session/command.ts';
export { type AgentDefinition, defineAgent } from './sdk/session/own/define-agent.ts';
export { createScriptedAgent } from './sdk/session/scripted/scripted.ts';
export { createFileStore } from './store/file-store.ts';

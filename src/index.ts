export type { GroupInput } from '../machines/contract.ts';
export {
  type ErrorCode,
  GROUP_STATUSES,
  type GroupReason,
  PAUSE_REASONS,
  type PauseReason,
  SESSION_STATUSES,
  type SkipReason,
} from '../machines/vocabulary.ts';
export { toMermaid } from './inspect/mermaid.ts';
export { toStatelyJson } from './inspect/stately-json.ts';
export { type Clock, systemClock } from './sdk/clock.ts';
export type {
  Command,
  GitProject,
  IntegrateConfig,
  VerifyConfig,
  WorkspaceConfig,
} from './sdk/delivery/config.ts';
export type { ThrownCode } from './sdk/error-codes.ts';
export { AgentUnavailableError, RefusedError, SessionGroupsError } from './sdk/errors.ts';
export type { CleanOutcome, LeaveOptions } from './sdk/group/api/archive.ts';
export {
  createGroupMachine,
  createSessionGroup,
  type GroupLogic,
  openSessionGroup,
  type SetUpOption,
} from './sdk/group/api/create.ts';
export type { GroupStanding, KeptGroup } from './sdk/group/api/kept-group.ts';
export type { ListFilter } from './sdk/group/api/list-groups.ts';
export type { DefinitionOrigin, GroupManagerOptions, SessionGroupOptions } from './sdk/group/api/options.ts';
export {
  type GroupPlan,
  type PlannedDelivery,
  type PlannedLimits,
  type PlannedSession,
  type PlannedVariable,
  planGroup,
} from './sdk/group/api/plan.ts';
export { type GroupPreview, preview, type SessionPreview } from './sdk/group/api/preview.ts';
export type { OpenOptions } from './sdk/group/api/take-over.ts';
export type {
  AttemptSink,
  ExecutorGroup,
  ExecutorOf,
  ForgottenSession,
  KnownAttempt,
  OpenedAttempt,
  PlaceNews,
  SessionExecutor,
} from './sdk/group/attempt/executor/executor.ts';
export type { StepAnswer, StepFailure, StepOptions, StepOrder } from './sdk/group/attempt/executor/step.ts';
export type { AttemptOrder, OrderedConfig } from './sdk/group/attempt/order/attempt-order.ts';
export type { HostEnvironment } from './sdk/group/config/environment.ts';
export type { McpConfig } from './sdk/group/config/mcp-config.ts';
export type { PlannedTree, PlannedWork } from './sdk/group/config/planned-work.ts';
export type { ProjectSettings } from './sdk/group/config/project-settings.ts';
export type { Integrate, ResolvedSession } from './sdk/group/config/resolve-session.ts';
export {
  ConfigGenerator,
  type ConfigGroup,
  type ConfigInput,
  type ConfigSource,
  type GeneratedConfig,
  generateClaudeMd,
  generateMcpConfig,
} from './sdk/group/config-generator.ts';
export {
  type LoadedDefinition,
  type LoadOptions,
  loadDefinition,
  type ParseOptions,
  parseDefinition,
} from './sdk/group/definition/definition.ts';
export type { DefinitionChanges } from './sdk/group/definition/definition-changes.ts';
export { definitionJsonSchema } from './sdk/group/definition/json-schema.ts';
export type { ChangeOrigin, SessionChanges, UpdateOrigin } from './sdk/group/definition/next-definition.ts';
export type {
  Changes,
  Diff,
  RefMove,
  RepositoryDelivery,
  RepositoryUndo,
  SessionConflict,
  SessionDelivery,
  UnmergedWork,
} from './sdk/group/delivery/delivered.ts';
export { type DeliveryOptions, type DeliveryView, viewDelivery } from './sdk/group/delivery/delivery-view.ts';
export { UnmergedWorkError } from './sdk/group/delivery/unmerged-work-error.ts';
export {
  buildGraph,
  DependencyGraph,
  type Edge,
  type GraphInput,
  type GraphNode,
  type GraphOptions,
  type GraphSession,
  getExecutionOrder,
} from './sdk/group/dependency-graph.ts';
export { DefinitionError, type Diagnostic, type RelatedPlace } from './sdk/group/document/diagnostics.ts';
export type { GroupFiles } from './sdk/group/document/group-files.ts';
export { type RenderOptions, renderDiagnostics } from './sdk/group/document/render-diagnostic.ts';
export type { ProjectPlaces } from './sdk/group/engine/group-state.ts';
export type { GroupActor, ProvidedGroup } from './sdk/group/engine/provide.ts';
export type {
  AnswerOptions,
  DryRunOption,
  EventsOptions,
  HoldOptions,
  IntegrateOptions,
  PauseOptions,
  ResumeOptions,
  RetryOptions,
  SendOptions,
  SentMessage,
  SignalOption,
  WaitOption,
} from './sdk/group/engine/requests/call-options.ts';
export type { FanOutMember, ForEach, GroupVariable } from './sdk/group/fan-out/config.ts';
export { GroupEvent, type GroupEventBody, type GroupEventType } from './sdk/group/journal/events.ts';
export type { GroupFold } from './sdk/group/journal/fold.ts';
export type { Journal } from './sdk/group/journal/journal.ts';
export type { JournalRecord } from './sdk/group/journal/records.ts';
export { GroupManager } from './sdk/group/manager.ts';
export { getGroupStats, type SessionStatsInput } from './sdk/group/progress/group-stats.ts';
export type {
  GroupProgress,
  GroupResult,
  GroupStats,
  OtherHolder,
  SessionProgress,
  SessionResult,
  WaitReason,
  WorkPlace,
} from './sdk/group/progress/progress.ts';
export {
  type AggregatorInput,
  type AggregatorSource,
  ProgressAggregator,
} from './sdk/group/progress-aggregator.ts';
export type { ConfigText, RenderedText } from './sdk/group/prompts/config-text.ts';
export { GroupRunner, type SessionGroupHandle } from './sdk/group/runner.ts';
export { QuotaGate } from './sdk/group/schedule/quota-gate.ts';
export type { SessionSlots } from './sdk/group/schedule/session-slots.ts';
export type { AttentionItem } from './sdk/group/standing/attention.ts';
export type { KeptStatus, ListedMeta } from './sdk/group/standing/kept-status.ts';
export type { AttentionList } from './sdk/group/standing/list-attention.ts';
export { findGroup } from './sdk/group/store/find-group.ts';
export { groupIdOf } from './sdk/group/store/group-id.ts';
export { listedGroups, newGroupMeta } from './sdk/group/store/group-meta.ts';
export {
  JournalDamagedError,
  JournalError,
  type JournalErrorCode,
} from './sdk/group/store/journal-errors.ts';
export { createMemoryStore, type MemoryStore } from './sdk/group/store/memory-store.ts';
export {
  type GroupCounts,
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
export type { KeptWork, OrderedTree, QueueNews, SentWork } from './sdk/group/tree/tree-call.ts';
export {
  BudgetConfig,
  ConcurrencyConfig,
  type EdgeCondition,
  GroupStatus,
  RetryPolicy,
  type SavedExecutor,
  SessionConfig,
  SessionDefinition,
  SessionDependency,
  type SessionGroup,
  SessionGroupConfig,
  SessionGroupDefinition,
  type SessionGroupInput,
  type SessionInput,
  SessionStatus,
  type TimeoutsConfig,
} from './sdk/group/types.ts';
export { type FileProjectGateOptions, fileProjectGate } from './sdk/project/file-project-gate.ts';
export type { ProjectGate, ProjectHolder } from './sdk/project/project-gate.ts';
export type {
  Agent,
  AgentCheck,
  AgentEvent,
  Attempt,
  AttemptConfig,
  AttemptEnd,
  AttemptMessage,
  AttemptSpec,
  CostReport,
  ModelFigure,
  UsageReport,
} from './sdk/session/agent.ts';
export type { OwnAgentConfig, ResolvedAgent } from './sdk/session/agent-config.ts';
export type { AgentCapabilities, AgentKind, KindCapabilities } from './sdk/session/agent-kinds.ts';
export { type ClaudeAgentOptions, createClaudeAgent } from './sdk/session/claude-code/claude-agent.ts';
export { createCommandAgent } from './sdk/session/command.ts';
export { type AgentDefinition, defineAgent } from './sdk/session/own/define-agent.ts';
export {
  type Program,
  type ProgramExit,
  type ProgramOptions,
  startProgram,
} from './sdk/session/own/program.ts';
export type { Agents } from './sdk/session/own/registered.ts';
export type { PermissionsConfig, SettingSource } from './sdk/session/permissions.ts';
export type { Question, QuestionOption } from './sdk/session/reports/questions.ts';
export { createScriptedAgent } from './sdk/session/scripted/scripted.ts';
export type { PermissionDenial, Tokens } from './sdk/session/usage.ts';
export type { ObjectId, ReadyWorkspace, WorkspaceOrder } from './sdk/workspace/orders.ts';
export type { FileChange, WorkspacePort } from './sdk/workspace/port.ts';
export { createFileStore, type FileStoreOptions } from './store/file-store.ts';
export type { Durability } from './store/journal/file-journal.ts';

export { type BudgetContext, type BudgetMachineEvent, budgetMachine } from './budget.machine.ts';
export type {
  Admission,
  BudgetPort,
  GroupInput,
  PendingStep,
  QuotaPort,
  RetryLimits,
  RosterPort,
  SessionContext,
  SessionInput,
  SessionPort,
  StartedStep,
  TreePlan,
  TreeStep,
} from './contract.ts';
export type {
  GroupMachineEvent,
  GroupReport,
  Redefinition,
  RefusalCode,
  SessionMachineEvent,
  YieldReason,
} from './events.ts';
export { BUDGET_ACTOR, type GroupContext, type JournalledStep, QUOTA_ACTOR } from './group.ground.ts';
export { groupMachine } from './group.machine.ts';
export { type QuotaMachineEvent, quotaMachine } from './quota.machine.ts';
export { sessionMachine } from './session.machine.ts';
export type { PrepareInput } from './session.setup.ts';
export type {
  BudgetNews,
  Corrections,
  ErrorCode,
  GroupReason,
  GroupStatus,
  PauseReason,
  SessionError,
  SessionStatus,
  SettledGroup,
  SettledStatus,
  SkipReason,
} from './vocabulary.ts';

export { budgetMachine } from './budget.machine.ts';
export type {
  Admission,
  BudgetPort,
  GroupInput,
  QuotaPort,
  RosterPort,
  SessionContext,
  SessionInput,
  SessionPort,
} from './contract.ts';
export type {
  GroupMachineEvent,
  GroupReport,
  RefusalCode,
  SessionMachineEvent,
  YieldReason,
} from './events.ts';
export { BUDGET_ACTOR, type GroupContext, type JournalledStep, QUOTA_ACTOR } from './group.ground.ts';
export { groupMachine } from './group.machine.ts';
export { quotaMachine } from './quota.machine.ts';
export { sessionMachine } from './session.machine.ts';
export type {
  ErrorCode,
  GroupReason,
  GroupStatus,
  PauseReason,
  SessionStatus,
  SkipReason,
} from './vocabulary.ts';

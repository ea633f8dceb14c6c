import type { AnyStateMachine } from 'xstate';
import { budgetMachine } from '../../machines/budget.machine.ts';
import { groupMachine } from '../../machines/group.machine.ts';
import { quotaMachine } from '../../machines/quota.machine.ts';
import { sessionMachine } from '../../machines/session.machine.ts';
import type { ChartName } from './chart-names.ts';

/** All statecharts, by the name under which they are drawn. */
export const CHARTS: Readonly<Record<ChartName, AnyStateMachine>> = {
  group: groupMachine,
  session: sessionMachine,
  budget: budgetMachine,
  quota: quotaMachine,
};

import { describe, expectTypeOf, test } from 'vitest';
import type {
  LoadedDefinition,
  loadDefinition,
  parseDefinition,
} from '../../../src/sdk/group/definition/definition.ts';
import type { Diagnostic } from '../../../src/sdk/group/document/diagnostics.ts';
import type * as types from '../../../src/sdk/group/types.ts';
import type { SessionGroupDefinition, SessionGroupInput } from '../../../src/sdk/group/types.ts';
import type { ResolvedAgent } from '../../../src/sdk/session/agent-config.ts';
import type { PermissionsConfig, SettingSource } from '../../../src/sdk/session/permissions.ts';

type Session = SessionGroupDefinition['sessions'][number];
type SessionInput = SessionGroupInput['sessions'][number];

describe('a definition as users write it', () => {
  test('requires only version, name, and sessions with id and projectPath', () => {
    expectTypeOf<{
      version: 1;
      name: string;
      sessions: { id: string; projectPath: string }[];
    }>().toExtend<SessionGroupInput>();
    expectTypeOf<{ version: 1; name: string }>().not.toExtend<SessionGroupInput>();
    expectTypeOf<{ version: 2; name: string; sessions: [] }>().not.toExtend<SessionGroupInput>();
    expectTypeOf<{ projectPath: string }>().not.toExtend<SessionInput>();
  });

  test('can use shorthands: ids for edges, names for agents, text or numbers for durations', () => {
    expectTypeOf<string>().toExtend<NonNullable<SessionInput['dependsOn']>[number]>();
    expectTypeOf<{ session: string; when: 'failed' }>().toExtend<
      NonNullable<SessionInput['dependsOn']>[number]
    >();
    expectTypeOf<'claude' | 'scripted'>().toExtend<SessionInput['agent']>();
    expectTypeOf<{ kind: 'command'; command: [string, ...string[]] }>().toExtend<SessionInput['agent']>();
    expectTypeOf<string | number>().toExtend<SessionInput['estimate']>();
    expectTypeOf<'none' | number>().toExtend<
      NonNullable<NonNullable<SessionGroupInput['config']>['budget']>['maxBudgetUsd']
    >();
  });
});

describe('a definition as the engine reads it', () => {
  test('has its defaults filled in', () => {
    expectTypeOf<SessionGroupDefinition['config']>().toEqualTypeOf<types.SessionGroupConfig>();
    expectTypeOf<SessionGroupDefinition['config']['concurrency']['maxConcurrent']>().toEqualTypeOf<number>();
    expectTypeOf<SessionGroupDefinition['config']['budget']>().toEqualTypeOf<types.BudgetConfig>();
    expectTypeOf<types.BudgetConfig['maxBudgetUsd']>().toEqualTypeOf<number | 'none'>();
    expectTypeOf<types.BudgetConfig['onBudgetExceeded']>().toEqualTypeOf<'pause' | 'stop' | 'warn'>();
    expectTypeOf<Session>().toEqualTypeOf<types.SessionDefinition>();
    expectTypeOf<Session['trigger']>().toEqualTypeOf<'all' | 'any'>();
    expectTypeOf<Session['priority']>().toEqualTypeOf<number>();
  });

  test('has durations in milliseconds, and edges and agents as objects', () => {
    expectTypeOf<types.RetryPolicy['initialInterval']>().toEqualTypeOf<number>();
    expectTypeOf<types.TimeoutsConfig>().toEqualTypeOf<{ attempt: number; idle: number }>();
    expectTypeOf<Session['estimate']>().toEqualTypeOf<number | undefined>();
    expectTypeOf<types.SessionDependency>().toEqualTypeOf<{ session: string; when: types.EdgeCondition }>();
    expectTypeOf<Session['agent']>().toEqualTypeOf<ResolvedAgent | undefined>();
    expectTypeOf<SessionGroupDefinition['config']['agent']>().toEqualTypeOf<ResolvedAgent>();
  });

  test('can be used as input again', () => {
    expectTypeOf<SessionGroupDefinition>().toExtend<SessionGroupInput>();
  });
});

test('statuses and conditions are closed sets', () => {
  expectTypeOf<types.EdgeCondition>().toEqualTypeOf<'completed' | 'failed' | 'settled'>();
  expectTypeOf<'interrupted'>().not.toExtend<types.GroupStatus>();
  expectTypeOf<'skipped'>().toExtend<types.SessionStatus>();
  expectTypeOf<SettingSource>().toEqualTypeOf<'user' | 'project' | 'local'>();
  expectTypeOf<PermissionsConfig['onRequest']>().toEqualTypeOf<'ask' | 'deny' | 'fail'>();
  expectTypeOf<types.SessionConfig['inheritFromGroup']>().toEqualTypeOf<boolean | undefined>();
});

test('loading resolves with a definition and its warnings', () => {
  expectTypeOf<ReturnType<typeof loadDefinition>>().toEqualTypeOf<Promise<LoadedDefinition>>();
  expectTypeOf<ReturnType<typeof parseDefinition>>().toEqualTypeOf<Promise<LoadedDefinition>>();
  expectTypeOf<LoadedDefinition['warnings']>().toEqualTypeOf<readonly Diagnostic[]>();
  expectTypeOf<types.SessionGroup['definition']>().toEqualTypeOf<SessionGroupDefinition>();
});

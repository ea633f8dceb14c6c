import type { AttemptOrder } from '../../src/sdk/group/attempt/order/attempt-order.ts';
import { PermissionsConfig } from '../../src/sdk/session/permissions.ts';

/** An order of a session that has nothing special. */
export const attemptOrder = (groupId: string, sessionId: string, attempt: number): AttemptOrder => ({
  ...{ groupId, sessionId, attempt, agent: { kind: 'claude' }, prompt: 'Work.', originalPrompt: 'Work.' },
  ...{ composed: false, permissions: PermissionsConfig.parse({}), settingSources: [] },
  conversation: { id: '7b0b3a39-7b3f-4b0e-9b59-0d8f2a6b3c11', exists: false, resume: false },
  ...{ env: {}, envPolicy: 'inherit', logs: false },
});

import type { LifecycleStep } from './types.ts';

/** A step of a path, as people read it. */
export function stepWords(step: LifecycleStep): string {
  switch (step.type) {
    case 'session.settled':
      return `${step.session} ${{ completed: 'completes', failed: 'fails', stopped: 'is stopped' }[step.outcome]}`;
    case 'session.yielded': {
      const how = { pause: 'is interrupted', retry: 'fails for now', quota: 'meets a usage limit' };
      return `${step.session} ${how[step.reason]}`;
    }
    case 'session.asked':
      return `${step.session} asks for a permission`;
    case 'approval.answer': {
      if (step.session === undefined) return 'an answer to no request';
      return `${step.session} is ${step.decision === 'deny' ? 'denied it' : 'allowed it'}`;
    }
    case 'session.send':
      return step.session === undefined
        ? 'a message to a session that is over'
        : `${step.session} gets a message`;
    case 'session.pause':
      return step.session === undefined
        ? 'pause of a session that is held or over'
        : `${step.session} is held`;
    case 'session.resume':
      return step.session === undefined
        ? 'resume of a session that is not held'
        : `${step.session} is let go`;
    case 'quota.tooLong':
      return `${step.session} meets a usage limit that resets too late`;
    case 'agent.unavailable':
      return `${step.session} is not logged in`;
    default:
      return WORDS[step.type];
  }
}

type Named =
  | { readonly session: unknown }
  | { readonly type: 'approval.answer' | 'session.pause' | 'session.resume' | 'session.send' };
const WORDS: Readonly<Record<Exclude<LifecycleStep, Named>['type'], string>> = {
  run: 'run',
  pause: 'pause',
  resume: 'resume',
  stop: 'stop',
  retry: 'retry',
  integrate: 'integrate',
  'delivery.done': 'the delivery is done',
  'delivery.refused': 'the delivery is refused',
  'delivery.ended': 'the delivery is cut off',
  'session.blocked': 'a conflict',
  'definition.change': 'the definition gets another session',
  'engine.died': 'the engine dies, and another opens the group',
  'session.ready': 'the retries are due',
  'budget.warning': 'the budget is nearly spent',
  'budget.exceeded': 'the budget is spent',
  'budget.change': 'the limit is raised',
  'quota.opened': 'the usage limit is reset',
  'journal.failed': 'a record cannot be written',
};

// Made by `npm run verbs` from the group's chart. Edit machines/group.machine.ts.

/**
 * How each status answers each request: it `accepts`, it `depends` on the group's contents, it is in effect
 * `already`, or it refuses with a code. Requests that are not listed are refused with `not_in_this_state`.
 */
export const CHART_ANSWERS = {
  created: {
    'budget.change': 'accepts',
    'definition.change': 'depends',
    run: 'depends',
    'session.pause': 'depends',
    'session.resume': 'depends',
    'session.send': 'depends',
  },
  running: {
    'approval.answer': 'depends',
    'budget.change': 'accepts',
    'definition.change': 'depends',
    pause: 'accepts',
    'session.pause': 'depends',
    'session.resume': 'depends',
    'session.send': 'depends',
    stop: 'accepts',
  },
  delivering: {
    'budget.change': 'accepts',
    pause: 'depends',
    'session.send': 'depends',
    stop: 'depends',
  },
  pausing: {
    'budget.change': 'accepts',
    'definition.change': 'still_pausing',
    pause: 'already',
    resume: 'still_pausing',
    'session.send': 'depends',
    stop: 'accepts',
  },
  paused: {
    'budget.change': 'accepts',
    'definition.change': 'depends',
    integrate: 'depends',
    pause: 'already_paused',
    resume: 'depends',
    retry: 'depends',
    'session.pause': 'depends',
    'session.resume': 'depends',
    'session.send': 'depends',
    stop: 'accepts',
  },
  stopping: {
    'budget.change': 'accepts',
    stop: 'already',
  },
  stopped: {
    'budget.change': 'accepts',
    'definition.change': 'depends',
    integrate: 'depends',
    retry: 'depends',
    'session.send': 'depends',
    stop: 'already_stopped',
  },
  completed: {
    'budget.change': 'accepts',
    'definition.change': 'depends',
    integrate: 'depends',
    retry: 'nothing_to_retry',
    'session.send': 'depends',
  },
  failed: {
    'budget.change': 'accepts',
    'definition.change': 'depends',
    integrate: 'depends',
    retry: 'depends',
    'session.send': 'depends',
  },
  interrupted: {
    'budget.change': 'accepts',
    'definition.change': 'unless_stopping',
    pause: 'unless_stopping',
    resume: 'depends',
    'session.pause': 'unless_stopping',
    'session.resume': 'unless_stopping',
    'session.send': 'unless_stopping',
    stop: 'depends',
  },
} as const;

import { GROUP_STATUSES, isSettledGroup } from '../../machines/vocabulary.ts';
import type { CHART_ANSWERS } from './chart-answers.ts';

type KeysOf<T> = T extends unknown ? keyof T : never;
/** A status of a group; `interrupted`: the process that ran it has died. */
export type Status = keyof typeof CHART_ANSWERS | 'interrupted';
/** What the group's chart is asked. */
type ChartRequest = KeysOf<(typeof CHART_ANSWERS)[keyof typeof CHART_ANSWERS]>;

/** Where a verb is not offered, why. */
interface None {
  readonly none: string;
}

interface ButtonWords {
  /** With the group as a whole, or with one session. */
  readonly place: 'group' | 'session';
  readonly label: string;
  readonly icon: string;
  /** Why it makes no sense in this status; also where the owner of the group would take it. */
  readonly whyNot: Readonly<Partial<Record<Status, string>>>;
  /** Why not in any other status that does not accept it. */
  readonly otherwise: string;
}

/** What can be asked of a group: once for its owner's socket, the HTTP API, the command line and the page. */
export interface VerbRow {
  /** What it asks of the group's chart, which says when that is possible. */
  readonly request?: ChartRequest;
  /** For what the chart has no part in: the statuses that accept it. */
  readonly among?: readonly Status[];
  /** Where the chart accepts it, and nothing would come of it. */
  readonly vain?: readonly Status[];
  /** The owner of the group is asked, under the name of the verb. */
  readonly wire: boolean;
  /** Changes something: an owner that is about to leave refuses it with `owner_leaving`. */
  readonly changes: boolean;
  /** The status that is waited for; `rest`: paused or settled. */
  readonly until?: 'paused' | 'stopped' | 'rest';
  /** Of the HTTP API. */
  readonly route: `${'GET' | 'POST' | 'DELETE'} /groups/:id${string}`;
  /** Of the command line, each with what its help says. */
  readonly commands: Readonly<Record<string, string>> | None;
  /** Of the page. */
  readonly button: ButtonWords | None;
  /** "The group cannot be …". */
  readonly done: string;
}

const ALL_SETTLED = 'Everything in it has settled';
const NOT_STARTED = 'It has not started yet';
/** The owner is asked a question. */
const ASKS = { wire: true, changes: false } as const;
const ASKS_FOR_CHANGE = { wire: true, changes: true } as const;
/** For a group that nobody runs. */
const WITHOUT_OWNER = { wire: false, changes: true } as const;
const SHOWN = { none: 'it is what the page shows' };

export const VERBS = {
  status: {
    ...ASKS,
    route: 'GET /groups/:id',
    commands: { 'group show': 'Show how a group stands, and why what waits does wait' },
    button: SHOWN,
    done: 'shown',
  },
  watch: {
    ...ASKS,
    route: 'GET /groups/:id/events',
    commands: { 'group watch': 'Print what happens in a group, from its beginning to its end' },
    button: SHOWN,
    done: 'watched',
  },
  why: {
    ...ASKS,
    route: 'GET /groups/:id/sessions/:sid',
    commands: { 'session why': 'Say why a session does not go on' },
    button: SHOWN,
    done: 'explained',
  },
  run: {
    request: 'run',
    ...WITHOUT_OWNER,
    until: 'rest',
    route: 'POST /groups/:id/run',
    commands: { 'group run': 'Run a group that was created and not started yet' },
    button: { place: 'group', label: 'Run', icon: 'play', whyNot: {}, otherwise: 'It has started already' },
    done: 'started',
  },
  pause: {
    request: 'pause',
    ...ASKS_FOR_CHANGE,
    until: 'paused',
    route: 'POST /groups/:id/pause',
    commands: { 'group pause': 'Interrupt the live sessions of a group, so that they can go on later' },
    button: {
      place: 'group',
      label: 'Pause',
      icon: 'bars',
      whyNot: {
        created: NOT_STARTED,
        pausing: 'It is pausing already',
        paused: 'It is paused already',
        stopping: 'It is being stopped',
        interrupted: 'Nobody runs it: resume it first',
      },
      otherwise: ALL_SETTLED,
    },
    done: 'paused',
  },
  resume: {
    request: 'resume',
    ...ASKS_FOR_CHANGE,
    until: 'rest',
    route: 'POST /groups/:id/resume',
    commands: { 'group resume': 'Go on with a group that is paused, or whose process has died' },
    button: {
      place: 'group',
      label: 'Resume',
      icon: 'play',
      whyNot: {
        created: 'It has not started yet: run it',
        running: 'It is running',
        pausing: 'It is still pausing',
        stopping: 'It is being stopped',
      },
      otherwise: `${ALL_SETTLED}: retry runs again what failed`,
    },
    done: 'resumed',
  },
  stop: {
    request: 'stop',
    ...ASKS_FOR_CHANGE,
    until: 'stopped',
    route: 'POST /groups/:id/stop',
    commands: { 'group stop': 'End the live sessions of a group, and skip those that wait' },
    button: {
      place: 'group',
      label: 'Stop',
      icon: 'square',
      whyNot: {
        created: NOT_STARTED,
        stopping: 'It is being stopped already',
        stopped: 'It is stopped already',
      },
      otherwise: ALL_SETTLED,
    },
    done: 'stopped',
  },
  retry: {
    request: 'retry',
    ...ASKS_FOR_CHANGE,
    until: 'rest',
    route: 'POST /groups/:id/retry',
    commands: { 'group retry': 'Run again what failed, was stopped or was skipped because of that' },
    button: {
      place: 'group',
      label: 'Retry',
      icon: 'again',
      whyNot: {
        created: NOT_STARTED,
        completed: 'Nothing in it failed',
        interrupted: 'Resume it first',
      },
      otherwise: 'Possible once it is paused or settled',
    },
    done: 'retried',
  },
  set_max_budget: {
    request: 'budget.change',
    vain: ['completed'],
    ...ASKS_FOR_CHANGE,
    route: 'POST /groups/:id/budget',
    commands: { none: 'group resume --max-budget-usd sets it, also of a group that is running' },
    button: { place: 'group', label: 'Raise budget', icon: 'raise', whyNot: {}, otherwise: ALL_SETTLED },
    done: 'given another limit',
  },
  archive: {
    among: GROUP_STATUSES.filter(status => status === 'created' || isSettledGroup(status)),
    ...WITHOUT_OWNER,
    route: 'POST /groups/:id/archive',
    commands: { 'group archive': 'Keep a group that is settled, or has not started, out of lists' },
    button: {
      place: 'group',
      label: 'Archive',
      icon: 'box',
      whyNot: {},
      otherwise: 'It can still go on: stop it first',
    },
    done: 'archived',
  },
  delete: {
    ...WITHOUT_OWNER,
    route: 'DELETE /groups/:id',
    commands: { 'group delete': 'Remove a group and all that is kept of it; refused while somebody runs it' },
    button: { none: 'nothing on the page is for good' },
    done: 'deleted',
  },
  redefine: {
    request: 'definition.change',
    ...ASKS_FOR_CHANGE,
    route: 'POST /groups/:id/update',
    commands: {
      'group update': 'Give a group a new definition, also while it runs, and print what that changes',
      'session add': 'Add a session to a group, also while it runs',
    },
    button: { none: 'a definition is a file, which the page does not edit' },
    done: 'given another definition',
  },
  session_pause: {
    request: 'session.pause',
    ...ASKS_FOR_CHANGE,
    route: 'POST /groups/:id/sessions/:sid/pause',
    commands: { 'session pause': 'Hold one session, while its group goes on' },
    button: {
      place: 'session',
      label: 'Pause session',
      icon: 'bars',
      whyNot: {},
      otherwise: 'It is not in play yet',
    },
    done: 'paused in part',
  },
  session_resume: {
    request: 'session.resume',
    ...ASKS_FOR_CHANGE,
    route: 'POST /groups/:id/sessions/:sid/resume',
    commands: {
      'session resume': 'Let a session go on that was held; in a paused group, once that is resumed',
    },
    button: {
      place: 'session',
      label: 'Resume session',
      icon: 'bars',
      whyNot: {},
      otherwise: 'It is not held',
    },
    done: 'resumed in part',
  },
  answer: {
    request: 'approval.answer',
    ...ASKS_FOR_CHANGE,
    route: 'POST /groups/:id/sessions/:sid/answer',
    commands: {
      'session approve': 'Allow what a session asks permission for',
      'session deny': 'Deny what a session asks permission for',
    },
    button: { none: 'both answers stand with the question that the session asks' },
    done: 'answered',
  },
} as const satisfies Record<string, VerbRow>;

/** What can be asked of a group, by the name that its owner knows it by. */
export type Verb = keyof typeof VERBS;
export const VERB_NAMES = Object.keys(VERBS).filter((name): name is Verb => Object.hasOwn(VERBS, name));

/** The verbs whose row says so. */
export type VerbsWith<Said> = { [V in Verb]: (typeof VERBS)[V] extends Said ? V : never }[Verb];
/** Asked of the owner of a group, over its socket. */
export type WireVerb = VerbsWith<{ wire: true }>;
/** Changes the group. */
export type ChangingVerb = VerbsWith<{ changes: true }>;

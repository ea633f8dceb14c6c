import { GROUP_STATUSES, isSettledGroup } from '../../machines/vocabulary.ts';
import type { CHART_ANSWERS } from './chart-answers.ts';

type KeysOf<T> = T extends unknown ? keyof T : never;
/** A status of a group; `interrupted`: its owner died. */
export type Status = keyof typeof CHART_ANSWERS | 'interrupted';
/** A request to the group's chart. */
type ChartRequest = KeysOf<(typeof CHART_ANSWERS)[keyof typeof CHART_ANSWERS]>;

/** Why a verb is not offered there. */
interface None {
  readonly none: string;
}

interface ButtonWords {
  /** Shown with the whole group, or with one session. */
  readonly place: 'group' | 'session';
  readonly label: string;
  readonly icon: string;
  /** Why the button is disabled in this status, even if the owner would accept the request. */
  readonly whyNot: Readonly<Partial<Record<Status, string>>>;
  /** Why it is disabled in every other status that does not accept the verb. */
  readonly otherwise: string;
}

/** A request to a group, defined once for the owner's socket, the HTTP API, the command line and the page. */
export interface VerbRow {
  /** The request to the group's chart, which decides when it is possible. */
  readonly request?: ChartRequest;
  /** For verbs without a chart request: the statuses that accept it. */
  readonly acceptedIn?: readonly Status[];
  /** The statuses in which the chart accepts it, but it has no effect. */
  readonly noEffectIn?: readonly Status[];
  /** Sent to the group's owner, under the name of the verb. */
  readonly wire: boolean;
  /** Changes the group: an owner that is about to release it refuses with `owner_leaving`. */
  readonly changes: boolean;
  /** The status to wait for; `rest`: paused or settled. */
  readonly until?: 'paused' | 'stopped' | 'rest';
  /** HTTP API. */
  readonly route: `${'GET' | 'POST' | 'DELETE'} /groups/:id${string}`;
  /** Commands of the CLI, each with its help text. */
  readonly commands: Readonly<Record<string, string>> | None;
  readonly button: ButtonWords | None;
  /** "The group cannot …". */
  readonly cannot: string;
}

const ALL_SETTLED = 'All its sessions have settled';
const NOT_STARTED = 'It has not started yet';
/** Sent to the owner. */
const READ = { wire: true, changes: false } as const;
const CHANGE = { wire: true, changes: true } as const;
/** For a group without an owner. */
const WITHOUT_OWNER = { wire: false, changes: true } as const;
const SHOWN = { none: 'the page shows it anyway' };

export const VERBS = {
  status: {
    ...READ,
    route: 'GET /groups/:id',
    commands: { 'group show': "Show a group's status and what's blocking it" },
    button: SHOWN,
    cannot: 'be shown',
  },
  watch: {
    ...READ,
    route: 'GET /groups/:id/events',
    commands: {
      'group watch': 'Follow a group: print past events, then new ones until it pauses or settles',
    },
    button: SHOWN,
    cannot: 'be watched',
  },
  why: {
    ...READ,
    route: 'GET /groups/:id/sessions/:sid',
    commands: { 'session why': 'Show what a session is waiting for' },
    button: SHOWN,
    cannot: 'be explained',
  },
  run: {
    request: 'run',
    ...WITHOUT_OWNER,
    until: 'rest',
    route: 'POST /groups/:id/run',
    commands: { 'group run': 'Start a group that was created but not started' },
    button: { place: 'group', label: 'Run', icon: 'play', whyNot: {}, otherwise: 'It has already started' },
    cannot: 'be started',
  },
  pause: {
    request: 'pause',
    ...CHANGE,
    until: 'paused',
    route: 'POST /groups/:id/pause',
    commands: { 'group pause': "Interrupt a group's live sessions so that they can be resumed" },
    button: {
      place: 'group',
      label: 'Pause',
      icon: 'bars',
      whyNot: {
        created: NOT_STARTED,
        pausing: 'It is already pausing',
        paused: 'It is already paused',
        stopping: 'It is being stopped',
      },
      otherwise: ALL_SETTLED,
    },
    cannot: 'be paused',
  },
  resume: {
    request: 'resume',
    ...CHANGE,
    until: 'rest',
    route: 'POST /groups/:id/resume',
    commands: { 'group resume': 'Resume a paused or interrupted group' },
    button: {
      place: 'group',
      label: 'Resume',
      icon: 'play',
      whyNot: {
        created: 'It has not started yet: run it',
        running: 'It is already running',
        delivering: 'It is already running',
        pausing: 'It is still pausing',
        stopping: 'It is being stopped',
        completed: 'It has completed',
        stopped: 'It was stopped: retry its sessions',
      },
      otherwise: `${ALL_SETTLED}: retry the failed ones`,
    },
    cannot: 'be resumed',
  },
  stop: {
    request: 'stop',
    ...CHANGE,
    until: 'stopped',
    route: 'POST /groups/:id/stop',
    commands: { 'group stop': "End a group's live sessions and skip the waiting ones" },
    button: {
      place: 'group',
      label: 'Stop',
      icon: 'square',
      whyNot: {
        created: NOT_STARTED,
        stopping: 'It is already being stopped',
        stopped: 'It is already stopped',
      },
      otherwise: ALL_SETTLED,
    },
    cannot: 'be stopped',
  },
  retry: {
    request: 'retry',
    ...CHANGE,
    until: 'rest',
    route: 'POST /groups/:id/retry',
    commands: { 'group retry': 'Retry sessions that failed, were stopped, or were skipped as a result' },
    button: {
      place: 'group',
      label: 'Retry',
      icon: 'again',
      whyNot: {
        created: NOT_STARTED,
        completed: 'No session failed',
      },
      otherwise: 'Possible once it is paused or settled',
    },
    cannot: 'be retried',
  },
  integrate: {
    request: 'integrate',
    ...CHANGE,
    until: 'rest',
    route: 'POST /groups/:id/integrate',
    commands: { 'group integrate': 'Put what was merged into a branch of yours, in each repository' },
    button: { none: 'the Delivery tab asks for the branch, and lists what moves' },
    cannot: 'deliver',
  },
  set_max_budget: {
    request: 'budget.change',
    noEffectIn: ['completed'],
    ...CHANGE,
    route: 'POST /groups/:id/budget',
    commands: { none: 'group resume --max-budget-usd sets it, even while the group is running' },
    button: {
      place: 'group',
      label: 'Raise budget',
      icon: 'raise',
      whyNot: { interrupted: 'It is not running: resume it first' },
      otherwise: ALL_SETTLED,
    },
    cannot: 'be given a new budget',
  },
  archive: {
    acceptedIn: GROUP_STATUSES.filter(status => status === 'created' || isSettledGroup(status)),
    ...WITHOUT_OWNER,
    route: 'POST /groups/:id/archive',
    commands: { 'group archive': 'Hide a settled or unstarted group from lists' },
    button: {
      place: 'group',
      label: 'Archive',
      icon: 'box',
      whyNot: {},
      otherwise: 'It has not settled: stop it first',
    },
    cannot: 'be archived',
  },
  delete: {
    ...WITHOUT_OWNER,
    route: 'DELETE /groups/:id',
    commands: { 'group delete': 'Delete a group and all its data; refused while a process has it open' },
    button: { none: 'the page offers nothing irreversible' },
    cannot: 'be deleted',
  },
  redefine: {
    request: 'definition.change',
    ...CHANGE,
    route: 'POST /groups/:id/update',
    commands: {
      'group update': 'Give a group a new definition, even while it runs, and print what changes',
      'session add': 'Add a session to a group, even while it runs',
    },
    button: { none: 'the page does not edit definition files' },
    cannot: 'be updated',
  },
  session_pause: {
    request: 'session.pause',
    ...CHANGE,
    route: 'POST /groups/:id/sessions/:sid/pause',
    commands: {
      'session pause': 'Hold one session, before it starts or while its group keeps running',
    },
    button: {
      place: 'session',
      label: 'Pause session',
      icon: 'bars',
      whyNot: {},
      otherwise: 'It has settled, or is being paused or stopped',
    },
    cannot: 'hold a session',
  },
  session_resume: {
    request: 'session.resume',
    ...CHANGE,
    route: 'POST /groups/:id/sessions/:sid/resume',
    commands: {
      'session resume': 'Let a held session go; it starts, or continues, once its group runs',
    },
    button: {
      place: 'session',
      label: 'Resume session',
      icon: 'bars',
      whyNot: {},
      otherwise: 'It is not held',
    },
    cannot: 'resume a session',
  },
  session_send: {
    request: 'session.send',
    ...CHANGE,
    route: 'POST /groups/:id/sessions/:sid/send',
    commands: {
      'session send': "Send a message to a session's agent, as a user message of its conversation",
    },
    button: {
      place: 'session',
      label: 'Send message',
      icon: 'raise',
      whyNot: {},
      otherwise: 'It has settled, or its agent takes none',
    },
    cannot: 'take a message',
  },
  answer: {
    request: 'approval.answer',
    ...CHANGE,
    route: 'POST /groups/:id/sessions/:sid/answer',
    commands: {
      'session approve': "Allow a session's permission request",
      'session deny': "Deny a session's permission request",
    },
    button: { none: 'each permission request has its own buttons' },
    cannot: 'take an answer',
  },
} as const satisfies Record<string, VerbRow>;

/** A request to a group, by its name in the owner's protocol. */
export type Verb = keyof typeof VERBS;
export const VERB_NAMES = Object.keys(VERBS).filter((name): name is Verb => Object.hasOwn(VERBS, name));

/** The verbs whose row has these values. */
export type VerbsWith<Values> = { [V in Verb]: (typeof VERBS)[V] extends Values ? V : never }[Verb];
/** Sent to a group's owner, over its socket. */
export type WireVerb = VerbsWith<{ wire: true }>;
/** Changes the group. */
export type ChangingVerb = VerbsWith<{ changes: true }>;

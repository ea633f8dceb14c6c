import { expect, test } from 'vitest';
import { groupMachine } from '../../machines/group.machine.ts';
import { sessionMachine } from '../../machines/session.machine.ts';
import {
  GROUP_STATUSES,
  isBeginning,
  isLiveGroup,
  isLiveSession,
  isRest,
  isSettled,
  isSettledGroup,
  REST_EVENTS,
  SESSION_STATUSES,
} from '../../machines/vocabulary.ts';
import { type ChartState, describeChart } from '../../src/inspect/describe-chart.ts';
import { GroupEventBody } from '../../src/sdk/group/journal/events.ts';

interface Placed {
  readonly state: ChartState;
  /** Its own and those of the states around it. */
  readonly tags: readonly string[];
}
const statesIn = (state: ChartState, around: readonly string[] = []): Placed[] => {
  const tags = [...around, ...state.tags];
  return [{ state, tags }, ...state.children.flatMap(child => statesIn(child, tags))];
};

/** The status that a state of the session's chart shows, and its tags. */
const shown = statesIn(describeChart(sessionMachine).root).flatMap(({ state: { entry }, tags }) =>
  entry.flatMap(action => {
    const status = /^show\((.*)\)$/.exec(action)?.[1];
    return status === undefined ? [] : [{ status, tags }];
  }),
);

test("a status is live, or settled, where its state in the session's chart is", () => {
  const said = shown.map(({ status, tags }) => [status, tags.includes('live'), tags.includes('settled')]);
  expect(said).toEqual(shown.map(({ status }) => [status, isLiveSession(status), isSettled(status)]));
  const never = SESSION_STATUSES.filter(name => !shown.some(({ status }) => status === name));
  expect(never).toEqual(['skipped']); // it never had an actor
});

const groups = statesIn(describeChart(groupMachine).root);

test("a group's status is settled, or at rest, where its state in the chart is", () => {
  const tagged = (tag: string) =>
    GROUP_STATUSES.filter(status =>
      groups.some(({ state, tags }) => state.path.endsWith(status) && tags.includes(tag)),
    );
  expect(GROUP_STATUSES.filter(isSettledGroup)).toEqual(tagged('settled'));
  expect(GROUP_STATUSES.filter(status => isRest(`group_${status}`))).toEqual(tagged('resting'));
});

test('a group rests in each status in which nothing is live, once it has started', () => {
  const resting = GROUP_STATUSES.filter(status => isRest(`group_${status}`));
  expect(resting).toEqual(GROUP_STATUSES.filter(status => status !== 'created' && !isLiveGroup(status)));
  expect(resting.filter(status => !isSettledGroup(status))).toEqual(['paused']);
});

test('a group begins, and rests, with events that there are', () => {
  const types = GroupEventBody.options.map(({ shape }) => shape.type.value);
  expect(types.filter(isBeginning)).toEqual(['group_started', 'group_resumed', 'group_retried']);
  expect(types.filter(isRest).sort()).toEqual([...REST_EVENTS].sort());
});

test('what is no status is neither live nor settled', () => {
  for (const word of ['interrupted', 'constructor', '']) {
    expect([isLiveGroup(word), isSettledGroup(word), isLiveSession(word), isSettled(word)]).not.toContain(
      true,
    );
  }
});

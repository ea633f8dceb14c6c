import { type Clock, systemClock } from '../../clock.ts';
import { AgentUnavailableError, RefusedError } from '../../errors.ts';
import { type ForegroundEnd, runInForeground } from '../../process/job-control/foreground.ts';
import { markerOf } from '../../process/process.ts';
import { fileProjectGate } from '../../project/file-project-gate.ts';
import type { ProjectGate } from '../../project/project-gate.ts';
import { projectKey } from '../../project/project-key.ts';
import { childEnvironment, type HostEnvironment } from '../config/environment.ts';
import { openCommand } from '../delivery/open-command.ts';
import type { GroupStore, TakeOptions } from '../store/store.ts';
import { atRest } from './at-rest.ts';

export interface OpenSessionOptions extends TakeOptions {
  readonly store: GroupStore;
  readonly env: HostEnvironment;
  /** Ends the program. */
  readonly signal: AbortSignal;
  /** Default: the system clock. */
  readonly clock?: Clock;
  /** Default: that of all groups of this user. */
  readonly projects?: ProjectGate;
}

/**
 * Goes on with a session's conversation in this process's terminal, until its program has ended.
 *
 * OPEN-1 meanwhile this process owns the group, so that nobody else can start the session, and the session has its place in
 *    its project.
 * OPEN-2 `session_opened` is written before the program starts: what it spends is not counted.
 * OPEN-3 if this process dies, the program ends with it; whoever takes the group next ends what may be left of it.
 *
 * @throws RefusedError `no_conversation`, `not_in_this_state`; GroupOwnedError; SessionGroupsError `reaper_unavailable`.
 */
export function openSession(
  groupId: string,
  id: string,
  { store, env, signal, clock = systemClock, projects, ...how }: OpenSessionOptions,
): Promise<ForegroundEnd> {
  const given = { store, clock, ...how };
  return atRest(groupId, given, 'opened', async ({ group, fold, dir, tell, synced }) => {
    const command = openCommand({ group, fold, records: [], ...(dir && { dir }) }, id, env);
    const { session, cwd, conversationId, program } = command;
    const environment = program.environment(childEnvironment(session, env));
    if (program.path === undefined) {
      throw new AgentUnavailableError(
        'agent_not_found',
        `${id} cannot be opened: ${program.name} was not found`,
      );
    }
    const gate = projects ?? fileProjectGate({ clock });
    const place = [projectKey(cwd), `${group.id}/${id}`] as const;
    if (!gate.tryEnter(place[0], group.definition.config.concurrency.maxPerProject, place[1])) {
      throw new RefusedError(
        'not_in_this_state',
        `${id} cannot be opened: another session works in ${place[0]}`,
        {
          hint: 'Wait until it is done, or pause its group.',
        },
      );
    }
    try {
      await tell({ type: 'session_opened', sessionId: id, agentSessionId: conversationId });
      await synced();
      const marker = markerOf({ groupId: group.id, sessionId: id, attempt: 0 });
      const { path, args } = program;
      return await runInForeground(
        { command: path, args, cwd, env: { ...environment, ...program.variables }, marker, signal },
        clock,
      );
    } finally {
      gate.leave(...place);
      if (!projects) gate.close();
    }
  });
}

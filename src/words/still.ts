import type { GroupProgress, SessionProgress } from '../sdk/group/progress/progress.ts';
import { lasts } from './wait-words.ts';

/** A session whose group stands still: without a reason to wait that only holds while it runs, and without a tool. */
export function stillSession(session: SessionProgress): SessionProgress {
  const { why, currentTool: _tool, currentToolInput: _input, ...rest } = session;
  return { ...rest, ...(why !== undefined && lasts(why) ? { why } : {}) };
}

/** The same of a whole group, which has no time left that could be told. */
export function stillGroup(progress: GroupProgress): GroupProgress {
  const { why: _why, estimatedRemainingMs: _left, sessions, ...rest } = progress;
  return { ...rest, sessions: sessions.map(stillSession) };
}

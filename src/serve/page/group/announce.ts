import { isSettled } from '../../../../machines/vocabulary.ts';
import { SESSION_MARKS } from '../../../words/marks.ts';
import type { Changes, GroupModel } from '../model/group-model.ts';

/** The text that screen readers announce for changes: group status, permission requests, finished sessions. */
export function announcer(model: GroupModel): (changes: Changes) => string {
  let status = model.shown;
  const told = new Map([...model.sessions.values()].map(session => [session.id, session.status]));
  return changes => {
    const words: string[] = [];
    if (model.shown !== status) {
      status = model.shown;
      words.push(`Group ${status}.`);
    }
    const news = [...changes.sessions].flatMap(id => {
      const session = model.sessions.get(id);
      if (session === undefined || told.get(id) === session.status) return [];
      told.set(id, session.status);
      const matters = isSettled(session.status) || session.status === 'awaiting_approval';
      return matters ? [`${id} ${SESSION_MARKS[session.status].word}`] : [];
    });
    if (news.length > 4) words.push(`${news.length} sessions changed.`);
    else if (news.length > 0) words.push(`${news.join(', ')}.`);
    return words.join(' ');
  };
}

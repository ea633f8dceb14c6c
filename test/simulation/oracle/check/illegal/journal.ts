import { Scene } from '../scene.ts';
import { created, type Illegal, running, solo, updated } from './illegal.ts';

const raw = (scene: Scene, ...lines: string[]): Scene => {
  scene.lines.push(...lines);
  return scene.next();
};

/** I10, I11, §8 and §12: the journal, and those who watch. */
export const JOURNAL: readonly Illegal[] = [
  [
    'I10',
    'the journal had 3 lines, and has 2',
    () => {
      const scene = running().next();
      scene.lines.pop();
      return scene.next();
    },
  ],
  [
    'I10',
    'line 3 of the journal has changed',
    () => {
      const scene = running().next();
      scene.lines[2] = (scene.lines[2] ?? '').replace('"maxConcurrent":2', '"maxConcurrent":3');
      return scene.next();
    },
  ],
  ['§8', 'line 3 of the journal cannot be read', () => raw(created(), '{"type":"gr', '{"type":"_x"}')],
  ['§10', 'a record without a number is not internal', () => raw(created(), '{"type":"group_started"}')],
  ['§10', 'an internal record has a number', () => raw(created(), '{"type":"_x","seq":1}')],
  [
    '§12',
    'the journal does not begin with a header',
    () => {
      const scene = new Scene(solo);
      scene.lines[0] = '{"type":"_x"}';
      return scene.next();
    },
  ],
  [
    'I11',
    'group_started has the number 2, expected 1',
    () => {
      const scene = created();
      scene.seq++;
      return scene.ask('run').event('group_started', { sessionCount: 1, maxConcurrent: 2 }).next();
    },
  ],
  [
    '§10',
    'session_warning has the time yesterday',
    () => running().event('session_warning', { sessionId: 'a', message: 'x', time: 'yesterday' }).next(),
  ],
  [
    '§10',
    'runs backwards',
    () => running().next(-1_000).event('session_warning', { sessionId: 'a', message: 'x' }).next(),
  ],
  [
    'I11',
    'group_started 1 was shown with another maxConcurrent',
    () => running().watch({ maxConcurrent: 9 }).next(),
  ],
  [
    'I11',
    'group_started 1 was shown without maxConcurrent',
    () => running().watch({ maxConcurrent: undefined }).next(),
  ],
  ['I11', 'w saw 1 after 1', () => running().watch().watch().next()],
  ['I10', 'w saw group_started 9, which the journal does not have', () => running().watch({ seq: 9 }).next()],
  [
    'I10',
    'group_started 9 was shown and died with its process',
    () => running().watch({ seq: 9 }).crash().next(),
  ],
  ['I10', 'is ahead of the journal', () => running().watch({ seq: 9 }).over()],
  [
    'world',
    'an update took effect and was never defined',
    () =>
      created()
        .ask('update')
        .event('group_updated', updated({ added: ['b'] }))
        .over(),
  ],
];

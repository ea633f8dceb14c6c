import { Listr } from 'listr2';

/** A list has no graph: a task waits for those before it, whose promises it knows. */
export function prepare({ dependencies, limit, task }) {
  const ends = [];
  const tasks = dependencies.map((needed, index) => ({
    title: `s${index}`,
    task: () => {
      ends[index] = Promise.all(needed.map(one => ends[one])).then(() => task(index));
      return ends[index];
    },
  }));
  const list = new Listr(tasks, {
    ...{
      concurrent: limit,
      renderer: 'silent',
      silentRendererCondition: true,
      registerSignalListeners: false,
    },
  });
  return { run: () => list.run() };
}

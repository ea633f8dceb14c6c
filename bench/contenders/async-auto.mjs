import auto from 'async/auto.js';

export function prepare({ dependencies, limit, task }) {
  const tasks = {};
  dependencies.forEach((needed, index) => {
    const run = (...given) => {
      const done = given.at(-1);
      task(index).then(() => done(null, index), done);
    };
    tasks[`s${index}`] = [...needed.map(one => `s${one}`), run];
  });
  return { run: () => auto(tasks, limit) };
}

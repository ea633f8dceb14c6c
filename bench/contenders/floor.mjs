import { countdown } from '../lib/graphs.mjs';

/** A scheduler written by hand: counters, and a queue in the order in which sessions become ready. */
export function prepare({ dependencies, limit, task }) {
  const { roots, ended } = countdown(dependencies);
  return {
    run: () =>
      new Promise(resolve => {
        const ready = [...roots];
        let [next, live] = [0, 0];
        const fill = () => {
          for (; live < limit && next < ready.length; next++) {
            live += 1;
            const index = ready[next];
            task(index).then(() => settle(index));
          }
          if (live === 0) resolve();
        };
        const settle = index => {
          live -= 1;
          ready.push(...ended(index));
          fill();
        };
        fill();
      }),
  };
}

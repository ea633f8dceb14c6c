import { pathToFileURL } from 'node:url';
import { CONTENDERS } from '../contenders/index.mjs';
import { graphOf, SHAPE_NAMES } from '../lib/graphs.mjs';
import { cpuOf, exponentOf, peakMb } from '../lib/measure.mjs';
import { SessionLog } from '../lib/session-log.mjs';

const LIMITS = [8, 64];
const SIZES = [1_000, 7_000, 50_000];
const DEARER = ['BullMQ', 'LangGraph', 'textbook XState'];
const inShape = (shape, size) => `ours, ${shape}, ${size} sessions`;

const growthOf = (of, shape) => exponentOf(SIZES.map(size => [size, size * of(inShape(shape, size)).us]));

export default {
  name: 'W1',
  title: 'CPU per session of a graph whose sessions do nothing',
  about:
    'A random graph of 10,000 sessions with up to three dependencies among the two hundred before. `us` is the CPU of the main thread ' +
    'per session, `processUs` that of the process (V8 compiles and collects in other threads), `prepareUs` what was made before ' +
    '(for us: the definition checked, the group created). Our group journals to its ' +
    'store, and a subscriber gets every event (`events` per session). Of every contender it is checked that each session ran once, after its ' +
    'dependencies, and that no more were live than may be. Of BullMQ, only the CPU of this process is counted, not that of Redis.',
  rounds: 5,

  /** @param extra modules of contenders that are not in the list. */
  cases({ size, extra = [] }) {
    const all = [...CONTENDERS, ...extra.map(file => ({ name: file, file: pathToFileURL(file).href }))];
    const compared = all.flatMap(contender =>
      LIMITS.map(limit => ({
        ...{ name: `${contender.name}, limit ${limit}`, floor: `floor, limit ${limit}` },
        ...{ contender, limit, shape: 'random', sessions: Math.min(size(10_000), contender.most ?? 1e9) },
        package: contender.package,
      })),
    );
    const [ours] = CONTENDERS;
    const growth = SHAPE_NAMES.flatMap(shape =>
      SIZES.map(sessions => ({
        ...{ name: inShape(shape, sessions), rounds: 3 },
        ...{ contender: ours, limit: 8, shape, sessions: size(sessions) },
      })),
    );
    return [...compared, ...growth];
  },

  async measure({ contender: { file, options }, limit, shape, sessions }) {
    const { prepare } = await import(new URL(file, new URL('../contenders/', import.meta.url)));
    const dependencies = graphOf(shape, sessions);
    const log = new SessionLog(sessions);
    const task = async index => {
      log.started(index);
      await null;
      log.ended(index);
    };
    const prepared = await cpuOf(() => prepare({ dependencies, limit, task, options }));
    const ran = await cpuOf(() => prepared.value.run());
    const [us, processUs] = [ran.mainUs / sessions, ran.us / sessions];
    const figures = { us, processUs, prepareUs: prepared.mainUs / sessions, peakMb: peakMb(), sessions };
    if (ran.value?.events) figures.events = ran.value.events / sessions;
    await prepared.value.close?.();
    log.check(dependencies, limit);
    return figures;
  },

  rows: [
    {
      ...{
        name: 'a random graph of 10,000, limit 8 : a scheduler written by hand',
        binding: true,
        unit: '×',
      },
      ...{ atMost: 75, stretch: 60 },
      value: of => of('ours, limit 8').us / of('floor, limit 8').us,
    },
    ...DEARER.map(name => ({
      ...{ name: `the same : ${name}`, binding: true, unit: '×', atMost: 1 },
      value: of => of('ours, limit 8').us / of(`${name}, limit 8`).us,
    })),
    {
      ...{ name: 'limit 64 : limit 8', binding: true, unit: '×', atMost: 1.15 },
      value: of => of('ours, limit 64').us / of('ours, limit 8').us,
    },
    ...SHAPE_NAMES.map(shape => ({
      ...{ name: `growth from 1,000 to 50,000, ${shape}`, binding: true, unit: '(exponent)', atMost: 1.05 },
      value: of => growthOf(of, shape),
    })),
    {
      ...{ name: 'peak memory, 50,000 sessions', binding: true, unit: 'MB', atMost: 300, stretch: 200 },
      value: of => of(inShape('random', 50_000)).peakMb,
    },
    {
      ...{ name: 'the same, the worst of the five shapes', unit: 'MB', atMost: 300, stretch: 200 },
      value: of => Math.max(...SHAPE_NAMES.map(shape => of(inShape(shape, 50_000)).peakMb)),
    },
    {
      ...{ name: 'file store : memory store', unit: '×', atMost: 1.5 },
      value: of => of('ours, file store, limit 8').us / of('ours, limit 8').us,
    },
  ],
};

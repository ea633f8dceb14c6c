import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { graphOf, seededRandom } from '../lib/graphs.mjs';
import { criticalPath, fifoMakespan, makespan } from '../lib/makespan.mjs';
import { median } from '../lib/measure.mjs';

const MINUTE = 60_000;
const LIMIT = 12;
const SESSIONS = 200;
/** Base durations of the stages of a pipeline, each a template, in minutes. */
const STAGES = { explore: 3, plan: 5, implement: 30, test: 12, review: 8, document: 6, release: 4 };

/** A layered graph in which a session takes 1 to 60 minutes, and enough slots that only the longest path counts. */
function withinPath(seed) {
  const random = seededRandom(seed);
  const graph = graphOf('layered', 400);
  return graph.map(dependsOn => ({ dependsOn, ms: Math.round((1 + 59 * random()) * MINUTE) }));
}

/** Pipelines of some of the stages, each in one of ten projects, which differ in how long everything takes (by up to seven times). */
function pipelines(seed, folder) {
  const random = seededRandom(seed);
  const speeds = Array.from({ length: 10 }, () => Math.exp(2 * random() - 1));
  const sessions = [];
  while (sessions.length < SESSIONS) {
    const project = Math.floor(random() * speeds.length);
    let before = [];
    for (const [template, minutes] of Object.entries(STAGES)) {
      if (random() < 0.3 || sessions.length >= SESSIONS) continue;
      const ms = Math.round(minutes * MINUTE * speeds[project] * (0.8 + 0.4 * random()));
      before = [sessions.push({ dependsOn: before, ms, template, project: join(folder, `p${project}`) }) - 1];
    }
  }
  return sessions;
}

export default {
  name: 'W3',
  title: 'How long a group takes, by the order in which it starts its sessions',
  about:
    'On a simulated clock, so these figures are the same in every run. `ofPath` is the makespan of a layered graph with estimates, as a ' +
    'multiple of its longest path, the largest of 5. `saved` is what pipelines of 200 sessions (stages as templates, in ten projects, ' +
    'twelve at a time) take less than first in, first out: with estimates, and with none, so that all that is known is how long the ' +
    'stages that have ended took; the median of 20.',
  rounds: 1,
  cases: ({ size }) => [
    { name: 'within the longest path', graphs: size(5) },
    { name: 'pipelines, with estimates', graphs: size(20), estimated: true },
    { name: 'pipelines, without', graphs: size(20), estimated: false },
  ],
  async measure({ name, graphs, estimated }) {
    const seeds = Array.from({ length: graphs }, (_, index) => index + 1);
    const each = async run => {
      const values = [];
      for (const seed of seeds) values.push(await run(seed));
      return values;
    };
    if (name === 'within the longest path') {
      const ratios = await each(async seed => {
        const sessions = withinPath(seed);
        return (await makespan(sessions, sessions.length, true)) / criticalPath(sessions);
      });
      return { ofPath: Math.max(...ratios) };
    }
    const folder = mkdtempSync(join(tmpdir(), 'bench-'));
    for (let project = 0; project < 10; project++) mkdirSync(join(folder, `p${project}`));
    const saved = await each(async seed => {
      const sessions = pipelines(seed, folder);
      return 100 * (1 - (await makespan(sessions, LIMIT, estimated)) / fifoMakespan(sessions, LIMIT));
    });
    rmSync(folder, { recursive: true });
    return { saved: median(saved), least: Math.min(...saved), most: Math.max(...saved) };
  },
  rows: [
    {
      ...{ name: 'makespan with estimates : the longest path', unit: '×', atMost: 1.02 },
      value: of => of('within the longest path').ofPath,
    },
    {
      ...{ name: 'pipelines, with estimates: shorter than first in, first out by', unit: '%', atLeast: 8 },
      value: of => of('pipelines, with estimates').saved,
    },
    {
      ...{ name: 'pipelines, without: shorter by', unit: '%', atLeast: 5 },
      value: of => of('pipelines, without').saved,
    },
  ],
};

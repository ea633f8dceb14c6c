/** How long sessions take if each starts as soon as it can, first in, first out. Sizes as in the group. */
export function fifoMakespan(sessions, maxConcurrent) {
  const open = sessions.map(({ dependsOn }) => dependsOn.length);
  const ready = sessions.flatMap((_, index) => (open[index] === 0 ? [index] : []));
  const live = [];
  let [next, now] = [0, 0];
  while (live.length > 0 || next < ready.length) {
    for (; live.length < maxConcurrent && next < ready.length; next++) {
      live.push({ index: ready[next], end: now + sessions[ready[next]].ms });
    }
    live.sort((a, b) => a.end - b.end);
    const ended = live.shift();
    now = ended.end;
    sessions.forEach(({ dependsOn }, index) => {
      if (dependsOn.includes(ended.index) && --open[index] === 0) ready.push(index);
    });
  }
  return now;
}

export function criticalPath(sessions) {
  const ends = [];
  sessions.forEach(({ dependsOn, ms }, index) => {
    ends[index] = ms + dependsOn.reduce((latest, one) => Math.max(latest, ends[one]), 0);
  });
  return Math.max(...ends);
}

/** How long the product takes on a simulated clock. @param estimated whether the definition has estimates. */
export async function makespan(sessions, maxConcurrent, estimated) {
  const { benchAgent, createSessionGroup, drive, memoryProjectGate, SimulatedClock } = await import(
    './product.mjs'
  );
  const clock = new SimulatedClock();
  const agent = benchAgent('waits', ({ sessionId, conversation }, emit) => {
    const end = { outcome: 'done', result: 'done', denials: [] };
    emit({ type: 'started', conversationId: conversation.id });
    clock.setTimeout(() => emit({ type: 'ended', end }), sessions[Number(sessionId.slice(1))].ms);
    return { interrupt() {}, terminate() {}, kill() {}, answerPermission() {} };
  });
  const templates = [...new Set(sessions.flatMap(({ template }) => template ?? []))];
  const definition = {
    ...{ version: 1, name: 'Bench' },
    config: {
      agent: { kind: 'waits' },
      sessionDefaults: { generateClaudeMd: false },
      concurrency: { maxConcurrent, maxPerProject: maxConcurrent },
      timeouts: { attempt: '100h', idle: '100h' },
    },
    sessions: sessions.map(({ dependsOn, ms, template, project = '.' }, index) => ({
      ...{ id: `s${index}`, projectPath: project, dependsOn: dependsOn.map(one => `s${one}`) },
      ...(template ? { template } : { prompt: 'Work' }),
      ...(estimated ? { estimate: ms } : {}),
    })),
  };
  const group = await createSessionGroup(definition, {
    ...{ clock, agents: { waits: agent }, projects: memoryProjectGate(), env: {} },
    files: { templates: Object.fromEntries(templates.map(name => [name, 'Work'])), sharedConfig: {} },
  });
  const start = clock.now();
  const { status } = await drive(clock, group.run());
  if (status !== 'completed') throw new Error(`the group is ${status}`);
  const took = clock.now() - start;
  await group.dispose();
  return took;
}

import { makePlan } from '/tmp/w/sim/test/simulation/plan/make-plan.ts';
import { SmallJudge } from '/tmp/w/sim/test/simulation/judge/small-judge.ts';
import { interception, Simulation } from '/tmp/w/sim/test/simulation/world/simulation.ts';
interception.install();
process.env.XDG_RUNTIME_DIR='/simulated/run';
const [from, n, verbose] = process.argv.slice(2).map(Number);
const cpu0=process.cpuUsage(); const t0 = performance.now(); let steps=0;
const rules: Record<string, number[]> = {};
for (let seed = from; seed < from + n; seed++) {
  const t1=performance.now();
  const sim = await new Simulation(makePlan(seed), new SmallJudge()).run();
  steps += sim.step;
  if (verbose) for (const o of sim.history) { if (o.kind==='journal') continue; console.log(o.step, o.at-Date.UTC(2026,0,1), JSON.stringify({...o,at:undefined,step:undefined}).slice(0,300)); }
  for (const v of sim.violations) { (rules[v.rule+' '+v.message.slice(0,150)] ??= []).push(seed); if (verbose) console.log('VIOLATION', v); }
  const dt=performance.now()-t1; if (dt>500) console.log('slow', seed, dt|0, sim.step, sim.history.length);
}
const cpu=process.cpuUsage(); console.log(n/((cpu.user+cpu.system-cpu0.user-cpu0.system)/1e6), "seeds/s cpu", n/((performance.now()-t0)/1000), "seeds/s wall", steps/n, "steps/seed");
for (const [k,v] of Object.entries(rules)) console.log(v.length, v.slice(0,6).join(','), k);
if (verbose) {
  const sim = await new Simulation(makePlan(from), new SmallJudge()).run();
  const pic = sim.history.findLast(o => o.kind==='picture' && o.via==='handle') as never as {picture:{sessions:{status:string}[]}};
  console.log(JSON.stringify(pic?.picture.sessions.filter(s=>!['completed','failed','skipped','stopped'].includes(s.status))), (pic as never as any)?.picture.status);
}

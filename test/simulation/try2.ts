import { makePlan } from './plan/make-plan.ts';
const p = makePlan(Number(process.argv[2])); console.log(JSON.stringify(p.runs)); console.log(JSON.stringify(p.faults), JSON.stringify(p.actions)); console.log(JSON.stringify({...p.definition,sessions:undefined}));

// Measures one case in this process: node bench/case.mjs WORKLOAD CASE, the file of a workload and a case of it as JSON.
// Its figures, or the reason why it cannot run here, are the last line of standard output.
import { Unavailable } from './lib/unavailable.mjs';

const [file, given] = process.argv.slice(2);
const { default: workload } = await import(new URL(`workloads/${file}`, import.meta.url));
let answer;
try {
  answer = { figures: await workload.measure(JSON.parse(given)) };
} catch (error) {
  if (!(error instanceof Unavailable)) throw error;
  answer = { unavailable: error.message };
}
process.stdout.write(`${JSON.stringify(answer)}\n`);

import { readFileSync } from 'node:fs';

/**
 * Runs it, and gives what it returns and the CPU time meanwhile, in microseconds: `us` of this process, `mainUs` of its main
 * thread alone, without V8's compiler and collector in theirs (where the system does not say that, of the process).
 */
export async function cpuOf(run) {
  const before = process.cpuUsage();
  const mainBefore = mainThreadUs();
  const value = await run();
  const mainUs = mainThreadUs() - mainBefore;
  const { user, system } = process.cpuUsage(before);
  return { value, us: user + system, mainUs };
}

function mainThreadUs() {
  try {
    return Number(readFileSync(`/proc/self/task/${process.pid}/schedstat`, 'utf8').split(' ')[0]) / 1_000;
  } catch {
    const { user, system } = process.cpuUsage();
    return user + system;
  }
}

/** The most memory that this process has had, in MB. */
export const peakMb = () => process.resourceUsage().maxRSS / 1024;

export const median = values => {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1];
};

/** The slope of a line through the logarithms of the points: cost grows with that power of the size. */
export function exponentOf(points) {
  const logs = points.map(([size, cost]) => [Math.log(size), Math.log(cost)]);
  const mean = at => logs.reduce((sum, point) => sum + point[at], 0) / logs.length;
  const [x, y] = [mean(0), mean(1)];
  const over = logs.reduce((sum, point) => sum + (point[0] - x) * (point[1] - y), 0);
  return over / logs.reduce((sum, point) => sum + (point[0] - x) ** 2, 0);
}

// The clock of a host program: it runs by itself, from HOST_TIME on, and lets minutes pass at once when its parent says so.
import { SimulatedClock } from 'session-groups/testing';

const simulated = new SimulatedClock(Date.parse(process.env.HOST_TIME));
let seen = performance.now();
let timer;

function arm() {
  clearTimeout(timer);
  if (simulated.nextAt !== undefined) timer = setTimeout(pass, simulated.nextAt - simulated.now(), 0);
}

function pass(ms) {
  const now = performance.now();
  simulated.advance(ms + now - seen);
  seen = now;
  arm();
}

export const clock = {
  now: () => simulated.now(),
  monotonic: () => simulated.monotonic(),
  setTimeout(fn, ms) {
    const armed = simulated.setTimeout(fn, ms);
    arm();
    return armed;
  },
  clearTimeout(armed) {
    simulated.clearTimeout(armed);
    arm();
  },
};

process.on('message', minutes => pass(minutes * 60_000));
process.channel.unref();
